/* SPDX-License-Identifier: MIT */
/* Machine code that was written to after it was loaded: compared with its file, byte by byte. */
#include <elf.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "check/checker.h"

#define WORDS 512 /* of the page map, to read at once */

/* What was found in one module. */
struct written {
	struct checker *checker;
	const struct module *module;
	const struct region *looked_at;
	int fd;			      /* negative: its file cannot be read */
	unsigned char *memory, *file; /* a page of each */
	uint64_t n_pages;	      /* pages that were written to, */
	uint64_t n_unknown;	      /* pages of these that cannot be compared, */
	uint64_t n_breaks;	      /* breakpoints in them, */
	uint64_t n_others;	      /* and bytes that differ otherwise */
	uint64_t first;		      /* the first address that differs */
	uint32_t region;	      /* of the first page */
};

/* The size of a breakpoint at `at`, from debuggers or uprobes: int3, or BRK with any number; 0: there is none. */
static size_t breakpoint_size(const struct written *written, size_t at)
{
	unsigned machine = written->checker->evidence.files[written->module->object].traits.machine;
	uint32_t word;

	if (machine == EM_X86_64 || machine == EM_386)
		return written->memory[at] == 0xcc ? 1 : 0;
	if (machine != EM_AARCH64)
		return 0;
	memcpy(&word, written->memory + (at & ~(size_t)3), sizeof(word));
	return (word & 0xffe0001f) == 0xd4200000 ? 4 - at % 4 : 0;
}

static void compare_page(struct written *written, uint64_t addr, size_t len)
{
	for (size_t at = 0; at < len; at++) {
		size_t size;

		if (written->memory[at] == written->file[at])
			continue;
		if (written->n_breaks + written->n_others == 0)
			written->first = addr + at;
		size = breakpoint_size(written, at);
		*(size > 0 ? &written->n_breaks : &written->n_others) += 1;
		at += size > 0 ? size - 1 : 0;
	}
}

static void take_page(struct written *written, const struct region *region, uint64_t addr, size_t len)
{
	const struct mapping *m = region_mapping(written->checker, region);
	uint64_t offset = m->offset + (addr - m->start);
	ssize_t n = -1;

	if (written->n_pages++ == 0)
		written->region = region_index(written->checker, region);
	if (written->fd >= 0 && offset <= INT64_MAX)
		n = pread(written->fd, written->file, len, (off_t)offset);
	if (n < 0 || source_read_memory(written->checker->source, addr, written->memory, len) != (ssize_t)len)
		written->n_unknown++;
	else
		compare_page(written, addr, (size_t)n);
}

/* In a private mapping of a file, a page that is not the file's is the process's own copy. */
static bool is_own(uint64_t word)
{
	return word & PM_PRESENT ? !(word & PM_FILE) : word & PM_SWAPPED && !(word & PM_GUARD);
}

/* Only a word tells whether a page is the file's. */
static void take_present(void *context, const struct page_region *present)
{
	struct written *written = context;
	const struct region *region = written->looked_at;
	uint64_t page = written->checker->space->facts.page_size;
	uint64_t words[WORDS];

	for (uint64_t at = present->start; at < present->end;) {
		ssize_t n = source_read_page_words(written->checker->source, at, words,
						   MIN(WORDS, (present->end - at) / page));

		if (n <= 0)
			return;
		for (ssize_t i = 0; i < n; i++, at += page)
			if (is_own(words[i]))
				take_page(written, region, MAX(at, region->start),
					  (size_t)(MIN(at + page, region->end) - MAX(at, region->start)));
	}
}

/* Code can be terabytes of a sparse file: walks the pages that are there. */
static void look_through(struct written *written, const struct region *region)
{
	uint64_t page = written->checker->space->facts.page_size;
	const struct page_range range = { page_floor(region->start, page), page_ceil(region->end, page) };

	written->looked_at = region;
	source_walk_pages(written->checker->source, &range, 1, false, take_present, written);
}

/* The kernel's counter for the mapping saves reading the page map of code that was never written to. */
static bool may_be_written(const struct checker *checker, const struct region *region)
{
	const struct usage *usage = &checker->space->facts.usage;
	const struct mapping *m = region_mapping(checker, region);

	/* With READ_IMPLIES_EXEC, data that the loader has relocated is executable, too. */
	if (!may_be_run(checker, region) || region->kind == KIND_RELRO || m->perms & (PERM_W | PERM_SHARED) ||
	    !has_file(mapping_object(&checker->space->facts, m)))
		return false;
	return region->mapping >= usage->n_rows || usage->n_slots == 0 ||
	       usage_counter(usage, usage_row(usage, region->mapping), COUNTER_ANONYMOUS) != 0;
}

static void report_written(struct written *written)
{
	struct checker *checker = written->checker;
	uint32_t object = written->module->object;
	uint64_t n = written->n_pages;

	if (written->n_others > 0)
		report(checker, CHECK_TEXT_WRITTEN, written->region, object,
		       "%" PRIu64 " byte%s of its code differ%s from the file, the first at %" PRIx64 ".",
		       written->n_others, written->n_others == 1 ? "" : "s",
		       written->n_others == 1 ? "s" : "", written->first);
	else if (written->n_breaks > 0)
		report(checker, CHECK_BREAKPOINTS, written->region, object,
		       "%" PRIu64 " breakpoint%s of a debugger or a uprobe in its code, the first at %" PRIx64
		       "; nothing else in it differs from the file.",
		       written->n_breaks, written->n_breaks == 1 ? "" : "s", written->first);
	if (written->n_unknown > 0)
		report_other(checker, CHECK_TEXT_WRITTEN, SEVERITY_WARNING, NULL, written->region, object,
			     "%" PRIu64
			     " page%s of its code %s written to, and cannot be compared with the file.",
			     n, n == 1 ? "" : "s", n == 1 ? "was" : "were");
}

/* `pages`: room for two. */
static void check_module(struct checker *checker, uint32_t index, const struct region *first, size_t n,
			 unsigned char *pages)
{
	const struct module *module = &checker->space->judgement.modules[index];
	const struct facts *facts = &checker->space->facts;
	struct stat st;
	_cleanup_close_ int fd =
		source_open_object(checker->source, facts, facts->objects[module->object], &st);
	struct written written = {
		.checker = checker,
		.module = module,
		.fd = fd,
		.memory = pages,
		.file = pages + facts->page_size,
	};

	for (size_t i = 0; i < n; i++)
		if (may_be_written(checker, &first[i]) && first[i].module == (int32_t)index)
			look_through(&written, &first[i]);
	report_written(&written);
}

/* Modules with text relocations were written to by their loader, which another check reports. */
void check_text_written(struct checker *checker)
{
	const struct judgement *judgement = &checker->space->judgement;
	_cleanup_free_ unsigned char *pages = mem_array(2, checker->space->facts.page_size);

	for (size_t i = 0; i < judgement->n_regions; i++) {
		const struct region *region = &judgement->regions[i];
		int32_t module = region->module;
		size_t n = 1;

		if (module == NO_MODULE || !may_be_written(checker, region))
			continue;
		while (i + n < judgement->n_regions && judgement->regions[i + n].module == module)
			n++;
		if (!checker->evidence.files[judgement->modules[module].object].traits.has_text_relocations)
			check_module(checker, (uint32_t)module, region, n, pages);
		i += n - 1;
	}
}
