/* SPDX-License-Identifier: MIT */
#include "elf/symbolizer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "elf/debug_file.h"
#include "model/judgement.h"
#include "runtime/vdso.h"

/* `fd`: the file that the debug file belongs to, or an error. */
static int open_debug_file(struct symbolizer *symbolizer, const struct object *object, int fd)
{
	_cleanup_free_ char *link = fd >= 0 ? debug_file_link(fd) : NULL;
	int debug_fd = debug_file_open(symbolizer->source, object->image, object->name, link,
				       symbolizer->want_debuginfod);

	symbolizer->debuginfod_missing |= debug_fd == -ENOSYS;
	return debug_fd;
}

/* Whether an error only means that we have no such file, or may not read it. */
static bool is_out_of_sight(int code)
{
	return code == -EACCES || code == -EPERM || code == -ENOENT || code == -ESTALE || code == -ENXIO ||
	       code == -ENOTSUP || code == -ELOOP || code == -ENOTDIR;
}

/* Whether an error means that something went wrong with a file that may have symbols. */
static bool is_failure(int code)
{
	return code < 0 && code != -ENODATA && code != -ENOEXEC && !is_out_of_sight(code);
}

static void note_unread(struct symbolizer *symbolizer, int code)
{
	if (is_failure(code) && symbolizer->n_unread++ == 0)
		symbolizer->unread_code = code;
}

/* A stripped file has only the names that other modules use; its debug file has all. */
static struct symbols *read_file_symbols(struct symbolizer *symbolizer, const struct object *object)
{
	struct stat st;
	_cleanup_close_ int fd = source_open_object(symbolizer->source, symbolizer->facts, object, &st);
	_cleanup_close_ int debug_fd = -1;
	struct symbols *table = NULL;
	int debug_failure = 0;
	int r = fd < 0 ? fd : symbols_read_full(fd, -1, &table);

	if (r == -ENODATA || is_out_of_sight(r)) {
		debug_fd = open_debug_file(symbolizer, object, fd);
		if (debug_fd >= 0)
			r = symbols_read_full(debug_fd, fd, &table);
		else if (debug_fd != -ENOSYS)
			debug_failure = debug_fd;
		if (!table && fd >= 0 && !is_failure(r))
			r = symbols_read(fd, symbolizer->debugdata_left, &table);
	}
	symbolizer->debugdata_left -= table ? table->debugdata_size : 0;
	note_unread(symbolizer, is_failure(r) ? r : debug_failure);
	return table;
}

static struct symbols *read_vdso_symbols(const struct symbolizer *symbolizer, const struct object *object)
{
	struct symbols *table = NULL;
	size_t len;
	_cleanup_free_ char *bytes =
		read_vdso_bytes(symbolizer->source, symbolizer->facts,
				&symbolizer->facts->mappings[object->first], false, &len);

	if (bytes)
		symbols_parse(bytes, len, &table);
	return table;
}

struct owned {
	const struct image *image;
	uint32_t object;
};

static int compare_owned(const void *a, const void *b)
{
	const struct owned *x = a;
	const struct owned *y = b;

	if (x->image != y->image)
		return (uintptr_t)x->image < (uintptr_t)y->image ? -1 : 1;
	return (x->object > y->object) - (x->object < y->object);
}

/* The names of one file share its image. The caller frees the array. */
static uint32_t *find_owners(const struct facts *facts)
{
	uint32_t *owners = mem_array(facts->n_objects, sizeof(*owners));
	_cleanup_free_ struct owned *all = mem_array(facts->n_objects, sizeof(*all));

	for (size_t i = 0; i < facts->n_objects; i++)
		all[i] = (struct owned){ facts->objects[i]->image, (uint32_t)i };
	mem_sort(all, facts->n_objects, sizeof(*all), compare_owned);
	for (size_t i = 0; i < facts->n_objects; i++) {
		bool is_shared = i > 0 && all[i].image && all[i].image == all[i - 1].image;

		owners[all[i].object] = is_shared ? owners[all[i - 1].object] : all[i].object;
	}
	return owners;
}

void symbolizer_init(struct symbolizer *symbolizer, struct source *source, const struct facts *facts,
		     bool want_debuginfod)
{
	*symbolizer = (struct symbolizer){
		.source = source,
		.facts = facts,
		.want_debuginfod = want_debuginfod,
		.owners = find_owners(facts),
		.debugdata_left = DEBUGDATA_TOTAL_MAX,
		.tables = mem_alloc(facts->n_objects * sizeof(*symbolizer->tables)),
		.exports = mem_alloc(facts->n_objects * sizeof(*symbolizer->exports)),
		.is_read = mem_alloc(facts->n_objects * sizeof(*symbolizer->is_read)),
		.has_read_exports = mem_alloc(facts->n_objects * sizeof(*symbolizer->has_read_exports)),
	};
}

void symbolizer_done(struct symbolizer *symbolizer)
{
	for (size_t i = 0; i < symbolizer->facts->n_objects; i++) {
		symbols_free(symbolizer->tables[i]);
		symbols_free(symbolizer->exports[i]);
	}
	free(symbolizer->owners);
	free(symbolizer->tables);
	free(symbolizer->exports);
	free(symbolizer->is_read);
	free(symbolizer->has_read_exports);
}

static size_t count_failed(const struct symbolizer *symbolizer, int error)
{
	size_t n = 0;

	for (size_t i = 0; i < symbolizer->facts->n_objects; i++)
		n += symbolizer->tables[i] && symbolizer->tables[i]->debugdata_error == error;
	return n;
}

static void warn_of_failed(const struct symbolizer *symbolizer, struct notes *notes, int error,
			   const char *code, const char *why)
{
	size_t n = count_failed(symbolizer, error);

	if (n > 0)
		notes_warn(notes, code, "the compressed symbols of %zu module%s were not read: %s", n,
			   n == 1 ? "" : "s", why);
}

static void warn_of_names(const struct symbolizer *symbolizer, struct notes *notes)
{
	size_t n = 0;

	for (size_t i = 0; i < symbolizer->facts->n_objects; i++)
		n += symbolizer->tables[i] && symbolizer->tables[i]->has_unread_names;
	if (n > 0)
		notes_warn(
			notes, "symbols-large",
			"the names of symbols of %zu module%s are longer than memmap reads: some are missing",
			n, n == 1 ? "" : "s");
}

void symbolizer_note(const struct symbolizer *symbolizer, struct notes *notes)
{
	if (symbolizer->debuginfod_missing)
		debug_file_note_absent(notes);
	if (symbolizer->n_unread > 0)
		notes_warn(notes, "symbols-unread", "the symbols of %zu module%s could not be read: %s",
			   symbolizer->n_unread, symbolizer->n_unread == 1 ? "" : "s",
			   strerror(-symbolizer->unread_code));
	warn_of_names(symbolizer, notes);
	warn_of_failed(symbolizer, notes, -ENOSYS, "debugdata-absent", "liblzma is not installed");
	warn_of_failed(symbolizer, notes, -ELIBACC, "debugdata-absent", "liblzma cannot be loaded");
	warn_of_failed(symbolizer, notes, -EFBIG, "debugdata-large",
		       "they take more than 64 MiB, or 256 MiB with those before them");
	warn_of_failed(symbolizer, notes, -EBADMSG, "debugdata-damaged", "they are damaged");
}

const struct symbols *symbolizer_table(struct symbolizer *symbolizer, const struct module *module)
{
	uint32_t owner = symbolizer->owners[module->object];
	const struct object *object = symbolizer->facts->objects[owner];

	/* A record only has the symbols that were asked for when it was made. */
	if (source_is_judged(symbolizer->source))
		return NULL;
	if (!symbolizer->is_read[owner]) {
		symbolizer->is_read[owner] = true;
		symbolizer->tables[owner] = is_vdso(object) ? read_vdso_symbols(symbolizer, object) :
							      read_file_symbols(symbolizer, object);
	}
	return symbolizer->tables[owner];
}

const struct symbols *symbolizer_exports(struct symbolizer *symbolizer, const struct module *module)
{
	uint32_t owner = symbolizer->owners[module->object];
	struct stat st;

	if (!symbolizer->has_read_exports[owner]) {
		_cleanup_close_ int fd = source_open_object(symbolizer->source, symbolizer->facts,
							    symbolizer->facts->objects[owner], &st);

		symbolizer->has_read_exports[owner] = true;
		if (fd >= 0 && symbols_read_dynamic(fd, &symbolizer->exports[owner]) < 0)
			symbolizer->exports[owner] = NULL;
	}
	return symbolizer->exports[owner];
}

const struct symbol *symbolizer_at(struct symbolizer *symbolizer, const struct module *module, uint64_t addr,
				   uint64_t *ret_offset)
{
	const struct symbols *table = symbolizer_table(symbolizer, module);
	const struct symbol *symbol = table ? symbols_at(table, addr - module->bias) : NULL;

	if (symbol)
		*ret_offset = addr - module->bias - symbol->value;
	return symbol;
}
