/* SPDX-License-Identifier: MIT */
#include "core/core_file.h"

#include <errno.h>
#include <gelf.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/range.h"
#include "elf/handle.h"
#include "model/perms.h"

/* More mappings than a process has, even if their limit (vm.max_map_count) was raised. */
#define HEADERS_MAX (1 << 21)

/* The notes of ten thousand threads take about a tenth of this. */
#define NOTES_SIZE_MAX (UINT64_C(1) << 30)

/* Core files have one or two segments of notes. libelf looks for each among all that it read. */
#define NOTE_SEGMENTS_MAX 1000

/* ---- program headers ---- */

static int refuse(struct error *err, const char *why)
{
	return error_set(err, -EBADMSG, "a damaged core file: %s", why);
}

static int add_load(struct core_file *core, const GElf_Phdr *phdr, struct error *err)
{
	uint64_t size = MAX(phdr->p_memsz, phdr->p_filesz);
	uint64_t has = phdr->p_offset < core->size ? core->size - phdr->p_offset : 0;
	uint64_t top = core->word_size == 4 ? UINT64_C(1) << 32 : UINT64_MAX;

	if (size == 0)
		return 0;
	if (phdr->p_vaddr > top || size > top - phdr->p_vaddr)
		return refuse(err, "its memory ends past the last address");
	mem_grow(core->loads, core->n_loads, core->cap_loads);
	core->loads[core->n_loads++] = (struct core_load){
		.start = phdr->p_vaddr,
		.end = phdr->p_vaddr + size,
		.offset = phdr->p_offset,
		.dumped = MIN(phdr->p_filesz, has),
		.missing = phdr->p_filesz - MIN(phdr->p_filesz, has),
		.perms = phdr->p_flags & (PF_R | PF_W | PF_X),
	};
	return 0;
}

static void read_notes(struct core_file *core, Elf *elf, const GElf_Phdr *phdr)
{
	uint64_t has = phdr->p_offset < core->size ? core->size - phdr->p_offset : 0;
	size_t size = (size_t)MIN(phdr->p_filesz, has);
	uint64_t max = MIN(core->size, NOTES_SIZE_MAX);
	Elf_Data *data = NULL;
	GElf_Nhdr note;
	size_t name, desc, next;

	/* The limit is for all segments together: they may have the same bytes, which then count again. */
	if (size > 0 && size <= max - core->notes_size && core->n_note_segments++ < NOTE_SEGMENTS_MAX)
		data = elf_getdata_rawchunk(elf, (int64_t)phdr->p_offset, size,
					    phdr->p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR);
	core->notes_missing |= !data || size < phdr->p_filesz;
	core->notes_size += data ? size : 0;
	for (size_t at = 0; data && (next = gelf_getnote(data, at, &note, &name, &desc)) > 0; at = next) {
		const char *bytes = data->d_buf;

		if (note.n_namesz > 0 && memchr(bytes + name, '\0', note.n_namesz))
			core_notes_take(&core->notes, bytes + name, note.n_type,
					(const unsigned char *)bytes + desc, note.n_descsz);
	}
}

static int read_headers(struct core_file *core, Elf *elf, struct error *err)
{
	GElf_Phdr phdr;
	size_t n;
	int r = 0;

	if (elf_getphdrnum(elf, &n) != 0 || n > HEADERS_MAX)
		return refuse(err, "its number of program headers makes no sense");
	for (size_t i = 0; i < n && r == 0; i++) {
		if (!gelf_getphdr(elf, (int)i, &phdr))
			return refuse(err, "it ends before its program headers do");
		if (phdr.p_type == PT_LOAD)
			r = add_load(core, &phdr, err);
		else if (phdr.p_type == PT_NOTE)
			read_notes(core, elf, &phdr);
	}
	return r;
}

static int check(const struct core_file *core, struct error *err)
{
	if (core->notes.is_kernel)
		return error_set(err, -ENOEXEC, "a core file of the kernel, not of a process");
	if (core->n_loads == 0)
		return refuse(err, "it has no memory");
	return 0;
}

int core_file_read(struct core_file *core, int fd, struct error *err)
{
	_cleanup_elf_ Elf *elf = elf_open(fd);
	size_t n;
	GElf_Ehdr ehdr;
	struct stat st;
	int r;

	*core = (struct core_file){ .fd = fd };
	if (fstat(fd, &st) != 0)
		return error_set(err, -errno, "%s", strerror(errno));
	if (!elf || !gelf_getehdr(elf, &ehdr))
		return refuse(err, "its header makes no sense");
	core->size = (uint64_t)st.st_size;
	core->word_size = ehdr.e_ident[EI_CLASS] == ELFCLASS32 ? 4 : 8;
	core->is_big_endian = ehdr.e_ident[EI_DATA] == ELFDATA2MSB;
	core->machine = ehdr.e_machine;
	core_notes_init(&core->notes, core->word_size, core->is_big_endian);
	r = read_headers(core, elf, err);
	if (r < 0)
		return r;
	n = core->n_loads;
	range_sort(core->loads, n, sizeof(*core->loads));
	core->n_loads = range_cut(core->loads, n, sizeof(*core->loads), RANGE_FIRST_WINS);
	core->n_overlapping = n - core->n_loads;
	core->is_unlisted = core->notes.n_files == 0;
	return check(core, err);
}

void core_file_done(struct core_file *core)
{
	core_notes_done(&core->notes);
	free(core->loads);
	*core = (struct core_file){ 0 };
}

/* ---- memory ---- */

/* Reads from one PT_LOAD, at an address that lies in it. */
static ssize_t read_load(const struct core_file *core, const struct core_load *load, uint64_t addr, void *buf,
			 size_t len)
{
	uint64_t at = addr - load->start;
	ssize_t n;

	if (at >= load->dumped)
		return 0;
	len = (size_t)MIN(len, load->dumped - at);
	n = pread(core->fd, buf, len, (off_t)(load->offset + at));
	return n < 0 ? -errno : n;
}

ssize_t core_file_memory(const struct core_file *core, uint64_t addr, void *buf, size_t len)
{
	size_t i = range_find(core->loads, core->n_loads, sizeof(*core->loads), addr);
	size_t done = 0;
	ssize_t n = 0;

	while (done < len && i < core->n_loads && core->loads[i].start <= addr) {
		n = read_load(core, &core->loads[i], addr, (char *)buf + done, len - done);
		if (n <= 0)
			break;
		done += (size_t)n;
		addr += (uint64_t)n;
		i += addr >= core->loads[i].end;
	}
	return done > 0 ? (ssize_t)done : n < 0 ? n : -ENODATA;
}
