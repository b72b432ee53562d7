/* SPDX-License-Identifier: MIT */
#include "elf/dynamic.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/range.h"

/* Far more than any linker makes. */
#define LOADS_MAX 65536
#define ENTRIES_SIZE_MAX (1 << 20)
#define BUCKETS_SIZE_MAX (UINT64_C(64) << 20)
#define SYMBOLS_MAX (1 << 24)

/* Bytes of a hash chain to read at once: only the chain itself marks its end. */
#define CHAIN_BLOCK 4096

/* ---- segments ---- */

static int compare_loads(const void *a, const void *b)
{
	const struct load *x = a;
	const struct load *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

static void add_load(struct dynamic *dynamic, size_t *cap, const GElf_Phdr *phdr)
{
	if (phdr->p_memsz == 0 || !range_fits(phdr->p_vaddr, phdr->p_memsz, UINT64_MAX))
		return;
	mem_grow(dynamic->loads, dynamic->n_loads, *cap);
	dynamic->loads[dynamic->n_loads++] = (struct load){
		.start = phdr->p_vaddr,
		.end = phdr->p_vaddr + phdr->p_memsz,
		.offset = phdr->p_offset,
		.filesz = MIN(phdr->p_filesz, phdr->p_memsz),
		.is_code = phdr->p_flags & PF_X,
	};
}

void dynamic_init(struct dynamic *dynamic, Elf *elf)
{
	uint64_t addr = 0, size = 0;
	size_t n, cap = 0;
	GElf_Phdr phdr;

	*dynamic = (struct dynamic){ .elf = elf };
	if (elf_getphdrnum(elf, &n) != 0)
		return;
	for (size_t i = 0; i < MIN(n, LOADS_MAX) && gelf_getphdr(elf, (int)i, &phdr); i++)
		if (phdr.p_type == PT_LOAD) {
			add_load(dynamic, &cap, &phdr);
		} else if (phdr.p_type == PT_DYNAMIC) {
			addr = phdr.p_vaddr;
			size = phdr.p_memsz;
		}
	mem_sort(dynamic->loads, dynamic->n_loads, sizeof(*dynamic->loads), compare_loads);
	if (size > 0)
		dynamic->entries = dynamic_data(dynamic, addr, MIN(size, ENTRIES_SIZE_MAX), ELF_T_DYN);
}

void dynamic_done(struct dynamic *dynamic)
{
	free(dynamic->loads);
}

const struct load *dynamic_load(const struct dynamic *dynamic, uint64_t addr)
{
	size_t low = 0, high = dynamic->n_loads;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (dynamic->loads[middle].start <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 && addr < dynamic->loads[low - 1].end ? &dynamic->loads[low - 1] : NULL;
}

/* ---- what is there ---- */

Elf_Data *dynamic_data(const struct dynamic *dynamic, uint64_t addr, uint64_t max, Elf_Type type)
{
	const struct load *load = dynamic_load(dynamic, addr);
	uint64_t at = load ? addr - load->start : 0;
	uint64_t unit = gelf_fsize(dynamic->elf, type, 1, EV_CURRENT);
	uint64_t size;

	if (!load || at >= load->filesz || load->offset > INT64_MAX - at)
		return NULL;
	size = MIN(max, load->filesz - at);
	size -= size % unit;
	return size > 0 ? elf_getdata_rawchunk(dynamic->elf, (int64_t)(load->offset + at), size, type) : NULL;
}

bool dynamic_value(const struct dynamic *dynamic, int64_t tag, uint64_t *ret)
{
	GElf_Dyn entry;

	for (int i = 0; dynamic->entries && gelf_getdyn(dynamic->entries, i, &entry); i++) {
		if (entry.d_tag == tag) {
			*ret = entry.d_un.d_val;
			return true;
		}
		if (entry.d_tag == DT_NULL)
			break;
	}
	return false;
}

/* ---- how many symbols there are ---- */

static uint32_t word_at(const Elf_Data *data, size_t i)
{
	uint32_t word;

	memcpy(&word, (const char *)data->d_buf + i * sizeof(word), sizeof(word));
	return word;
}

/* Reads a word of a table, as it is in memory. */
static bool read_word(const struct dynamic *dynamic, uint64_t addr, uint32_t *ret)
{
	Elf_Data *data = dynamic_data(dynamic, addr, sizeof(*ret), ELF_T_WORD);

	if (!data || data->d_size < sizeof(*ret))
		return false;
	*ret = word_at(data, 0);
	return true;
}

/* DT_HASH has a word for each symbol, and says how many. */
static size_t count_hash(const struct dynamic *dynamic, uint64_t addr)
{
	GElf_Ehdr ehdr;
	uint32_t n = 0;
	bool is_wide;

	if (!gelf_getehdr(dynamic->elf, &ehdr))
		return 0;
	/* Two machines have 64-bit entries there; no file needs more than the low half. */
	is_wide = ehdr.e_ident[EI_CLASS] == ELFCLASS64 &&
		  (ehdr.e_machine == EM_ALPHA || ehdr.e_machine == EM_S390);
	if (is_wide)
		addr += ehdr.e_ident[EI_DATA] == ELFDATA2MSB ? 12 : 8;
	else
		addr += 4;
	return read_word(dynamic, addr, &n) ? n : 0;
}

/* The number after that of the last symbol of a chain, whose word is odd. */
static size_t end_chain(const struct dynamic *dynamic, uint64_t words, uint32_t first, uint32_t symbol)
{
	while (symbol - first < SYMBOLS_MAX) {
		uint64_t at = words + UINT64_C(4) * (symbol - first);
		Elf_Data *data = dynamic_data(dynamic, at, CHAIN_BLOCK, ELF_T_WORD);

		if (!data)
			return symbol;
		for (size_t i = 0; i < data->d_size / 4; i++) {
			symbol++;
			if (word_at(data, i) & 1)
				return symbol;
		}
	}
	return symbol;
}

/* DT_GNU_HASH has chains of symbols; the one that begins last also ends last. */
static size_t count_gnu_hash(const struct dynamic *dynamic, uint64_t addr)
{
	uint64_t word = gelf_fsize(dynamic->elf, ELF_T_ADDR, 1, EV_CURRENT);
	uint32_t n_buckets, first, n_filter;
	uint32_t last = 0;
	uint64_t buckets;
	Elf_Data *data;

	if (!read_word(dynamic, addr, &n_buckets) || !read_word(dynamic, addr + 4, &first) ||
	    !read_word(dynamic, addr + 8, &n_filter))
		return 0;
	buckets = addr + 16 + n_filter * word;
	data = dynamic_data(dynamic, buckets, MIN(UINT64_C(4) * n_buckets, BUCKETS_SIZE_MAX), ELF_T_WORD);
	for (size_t i = 0; data && i < data->d_size / 4; i++)
		last = MAX(last, word_at(data, i));
	return last < first ? first : end_chain(dynamic, buckets + UINT64_C(4) * n_buckets, first, last);
}

size_t dynamic_count_symbols(const struct dynamic *dynamic)
{
	uint64_t addr, strings;
	size_t n = 0;

	if (dynamic_value(dynamic, DT_HASH, &addr))
		n = count_hash(dynamic, addr);
	if (n == 0 && dynamic_value(dynamic, DT_GNU_HASH, &addr))
		n = count_gnu_hash(dynamic, addr);
	/* Linkers put the strings right after the symbols. */
	if (n == 0 && dynamic_value(dynamic, DT_SYMTAB, &addr) &&
	    dynamic_value(dynamic, DT_STRTAB, &strings) && strings > addr)
		n = (size_t)((strings - addr) / gelf_fsize(dynamic->elf, ELF_T_SYM, 1, EV_CURRENT));
	return n;
}
