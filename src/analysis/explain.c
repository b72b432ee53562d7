/* SPDX-License-Identifier: MIT */
#include "analysis/explain.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

/* A sentence in the making. */
struct sentence {
	char *text;
	size_t len;
	FILE *file;
};

static void begin(struct sentence *s)
{
	s->file = open_memstream(&s->text, &s->len);
	if (!s->file)
		mem_exhausted();
}

static void say_name(struct sentence *s, const char *name, size_t len)
{
	_cleanup_free_ char *safe = text_escape(name, len, TEXT_TABLE);

	fputs(safe, s->file);
}

static void say_file(struct sentence *s, const struct object *object)
{
	size_t len;
	const char *base = object_base_name(object, &len);

	if (base)
		say_name(s, base, len);
	else
		fputs("a file without a name", s->file);
}

static void say_size(struct sentence *s, uint64_t bytes)
{
	char buf[8];

	fprintf(s->file, "%.*s", (int)text_size(buf, bytes), buf);
}

/* ---- parts of modules ---- */

static void say_shared(struct sentence *s, const struct space *space, unsigned perms)
{
	if ((perms & PERM_W) && space->facts.origin == ORIGIN_ELF)
		fputs(", copied for each process where it writes to it", s->file);
	else if (perms & PERM_W)
		fputs(", this process's own copy where it has been written to", s->file);
	else
		fputs(", one copy in memory for all processes that use it", s->file);
}

/* Where a module's zero-initialised data lies: behind the file's contents, or in separate memory. */
static void say_bss_position(struct sentence *s, const struct space *space, const struct region *region)
{
	const struct mapping *m = &space->facts.mappings[region->mapping];
	uint64_t size = region->end - region->start - region->padding;
	const char *plural = size == 1 ? "" : "s";

	if (m->object == space->judgement.modules[region->module].object)
		fprintf(s->file, ": %" PRIu64 " byte%s in the last page of its data", size, plural);
	else
		fprintf(s->file, ": %" PRIu64 " byte%s of anonymous memory after its data", size, plural);
	fputs("; it takes no room in the file", s->file);
}

static void explain_module(struct sentence *s, const struct space *space, const struct region *region)
{
	static const char *const what[N_MODULE_KINDS] = {
		[KIND_TEXT] = "machine code",	  [KIND_RODATA] = "read-only data",	[KIND_RELRO] = "data",
		[KIND_DATA] = "initialised data", [KIND_BSS] = "zero-initialised data",
	};
	const struct mapping *m = &space->facts.mappings[region->mapping];

	fprintf(s->file, "%s of ", what[region->kind]);
	say_file(s, region->module == NO_MODULE ?
			    mapping_object(&space->facts, m) :
			    space->facts.objects[space->judgement.modules[region->module].object]);
	if (region->kind == KIND_RELRO)
		fputs(" that the loader fills in and then makes read-only", s->file);
	if (region->kind == KIND_BSS && region->module != NO_MODULE)
		say_bss_position(s, space, region);
	else if (mapping_object(&space->facts, m)->type != OBJECT_NONE)
		say_shared(s, space, region->kind == KIND_RELRO ? PERM_W : m->perms);
	if (region->module == NO_MODULE && region->basis == BASIS_SEGMENT)
		fputs(", mapped a second time outside its module", s->file);
	if (region->padding > 0 && region->padding < region->end - region->start)
		fprintf(s->file, "; %" PRIu64 " byte%s of it only fill%s up whole pages", region->padding,
			region->padding == 1 ? "" : "s", region->padding == 1 ? "s" : "");
	else if (region->padding > 0)
		fputs("; all of it only fills a gap between two segments", s->file);
}

/* ---- what belongs to threads ---- */

static void say_thread(struct sentence *s, const struct space *space, int32_t tid)
{
	if (tid == space->facts.process.pid)
		fputs("the main thread", s->file);
	else
		fprintf(s->file, "thread %d", tid);
}

static bool is_main_stack(const struct space *space, const struct region *region)
{
	uint64_t start, end;

	return facts_main_stack_range(&space->facts, &start, &end) && region->start >= start &&
	       region->end <= end;
}

static void explain_nobodys_stack(struct sentence *s, const struct space *space, const struct region *region)
{
	if (!space->facts.process.shares_memory)
		fputs("stack of a thread that has ended; the C library keeps it for the next one", s->file);
	else if (is_main_stack(space, region))
		fputs("main stack of the process that this one shares its memory with", s->file);
	else
		fputs("stack of a thread of the process that this one shares its memory with, or of one that has ended",
		      s->file);
}

static void explain_stack(struct sentence *s, const struct space *space, const struct region *region)
{
	uint64_t limit = space->facts.process.limits[LIMIT_STACK].max;

	if (region->tid == NO_TID) {
		explain_nobodys_stack(s, space, region);
		return;
	}
	if (region->basis == BASIS_PATTERN && !is_main_stack(space, region)) {
		fputs("stack that ", s->file);
		say_thread(s, space, region->tid);
		fputs(" runs on now: its stack pointer is there. It was not made by the C library, but by a coroutine, a "
		      "fiber, a signal handler or clone(2)",
		      s->file);
		return;
	}
	fputs("stack of ", s->file);
	say_thread(s, space, region->tid);
	fputs(": its calls and their local variables, growing down", s->file);
	if (region->tid != space->facts.process.pid)
		return;
	fputs("; the arguments and the environment are at its top", s->file);
	if (limit != UNKNOWN) {
		fputs("; it may grow to ", s->file);
		say_size(s, limit);
	}
}

static void explain_heap(struct sentence *s, const struct space *space, const struct region *region)
{
	if (is_brk_heap(space, region) && (region->basis == BASIS_NAME || region->basis == BASIS_PATTERN)) {
		fputs("the heap: memory from malloc() and brk() for every module, growing up", s->file);
		return;
	}
	fputs("heap of a malloc arena, which keeps threads from waiting for each other", s->file);
	if (region->tid != NO_TID) {
		fputs("; used by ", s->file);
		say_thread(s, space, region->tid);
	}
}

static void explain_guard(struct sentence *s, const struct space *space, const struct region *region)
{
	fputs(has_access(space->facts.mappings[region->mapping].perms) ?
		      "pages that cannot be written to, which stop " :
		      "pages without access that stop ",
	      s->file);
	if (region->module != NO_MODULE) {
		fputs("stray accesses between two segments of ", s->file);
		say_file(s, space->facts.objects[space->judgement.modules[region->module].object]);
	} else if (region->basis == BASIS_NAME && is_brk_heap(space, region)) {
		fputs("stray accesses below the heap", s->file);
	} else {
		fputs("a stack from running into what lies below it", s->file);
	}
}

/* ---- the rest ---- */

/* What a private or shared mapping of a file may be used for. */
static const char *file_use(unsigned perms)
{
	bool is_shared = perms & PERM_SHARED;

	if (!has_access(perms))
		return "; all access to it has been removed";
	if (perms & PERM_W)
		return is_shared ? "; what is written reaches the file" :
				   "; what is written stays with this process";
	if (!(perms & PERM_R))
		return "; it may not be read";
	return is_shared ? "; read only, but shared" : "; read only";
}

static void explain_file(struct sentence *s, const struct space *space, const struct region *region)
{
	const struct mapping *m = &space->facts.mappings[region->mapping];

	fputs("contents of ", s->file);
	say_file(s, mapping_object(&space->facts, m));
	fputs(m->perms & PERM_X	   ? ", mapped executable, but not as part of an ELF module" :
	      has_access(m->perms) ? ", mapped as data" :
				     ", mapped",
	      s->file);
	fputs(file_use(m->perms), s->file);
}

static void explain_shm(struct sentence *s, const struct space *space, const struct region *region)
{
	unsigned perms = space->facts.mappings[region->mapping].perms;

	fputs("shared memory", s->file);
	if (!(perms & PERM_SHARED))
		fputs(", of which this is a private copy", s->file);
	else
		fputs(": other processes may map it too", s->file);
	if (!has_access(perms))
		fputs("; all access to it has been removed", s->file);
	else if (!(perms & PERM_SHARED))
		fputs(perms & PERM_W ? ": what is written stays with this process" :
				       ", which may only be read",
		      s->file);
	else
		fprintf(s->file, "; this one may %s it", perms & PERM_W ? "write to" : "only read");
}

static void explain_anon(struct sentence *s, const struct space *space, const struct region *region)
{
	const struct object *object = mapping_object(&space->facts, &space->facts.mappings[region->mapping]);

	if (region->basis == BASIS_MALLOC)
		fputs("private memory that begins with a block of malloc(), so large that it has its own mapping",
		      s->file);
	else if (space->facts.mappings[region->mapping].perms & PERM_W)
		fputs("private memory that comes from no file: large malloc() blocks, mmap(), or a runtime's own heap",
		      s->file);
	else
		fputs("private memory that comes from no file, and has been made read-only", s->file);
	if (object->type == OBJECT_PSEUDO)
		fputs("; the program has named it", s->file);
}

static void explain_reserved(struct sentence *s, const struct space *space, const struct region *region)
{
	if (region->basis != BASIS_THREAD && region->basis != BASIS_PATTERN)
		fputs("address space set aside without access: pages never touched take no memory", s->file);
	else
		fputs("room that a malloc arena has left to grow into; it takes no memory yet", s->file);
	if (region->tid != NO_TID) {
		fputs("; the arena is used by ", s->file);
		say_thread(s, space, region->tid);
	}
}

static void explain_fixed(struct sentence *s, const struct space *space _unused_, const struct region *region)
{
	fputs(region->kind == KIND_JIT ?
		      "code made at run time, such as a JIT compiler's: executable memory from no file" :
	      region->kind == KIND_DEVICE ?
		      "memory of a device, or shared with the kernel or a driver" :
		      "mapped by the kernel into every process: clock and other calls without entering the kernel",
	      s->file);
}

static void (*const explainers[N_KINDS])(struct sentence *, const struct space *, const struct region *) = {
	[KIND_TEXT] = explain_module,  [KIND_RODATA] = explain_module, [KIND_RELRO] = explain_module,
	[KIND_DATA] = explain_module,  [KIND_BSS] = explain_module,    [KIND_HEAP] = explain_heap,
	[KIND_STACK] = explain_stack,  [KIND_GUARD] = explain_guard,   [KIND_ANON] = explain_anon,
	[KIND_JIT] = explain_fixed,    [KIND_SHM] = explain_shm,       [KIND_FILE] = explain_file,
	[KIND_DEVICE] = explain_fixed, [KIND_VDSO] = explain_fixed,    [KIND_RESERVED] = explain_reserved,
};

static const char *const reasons[N_BASES] = {
	[BASIS_SEGMENT] = "known from its program headers",
	[BASIS_SECTION] = "known from its section headers",
	[BASIS_NAME] = "the kernel says so",
	[BASIS_THREAD] = "known from the C library's records of its threads and arenas",
	[BASIS_MALLOC] = "known from the block's header",
	[BASIS_PATTERN] = "inferred from its shape and its neighbours",
	[BASIS_PERMS] = "known only from its access rights",
};

char *explain(const struct space *space, const struct region *region)
{
	struct sentence s;

	begin(&s);
	explainers[region->kind](&s, space, region);
	fprintf(s.file, " (%s).", reasons[region->basis]);
	if (fclose(s.file) != 0)
		mem_exhausted();
	if (s.text[0] >= 'a' && s.text[0] <= 'z')
		s.text[0] -= 'a' - 'A';
	return s.text;
}
