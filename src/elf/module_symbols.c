/* SPDX-License-Identifier: MIT */
#include "elf/module_symbols.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "elf/debug_file.h"
#include "model/judgement.h"
#include "runtime/vdso.h"

/* `fd`: the file that it belongs to, or an error. */
static int open_debug_file(struct module_symbols *cache, const struct object *object, int fd)
{
	_cleanup_free_ char *link = fd >= 0 ? debug_file_link(fd) : NULL;
	int debug_fd =
		debug_file_open(cache->source, object->image, object->name, link, cache->want_debuginfod);

	cache->debuginfod_missing |= debug_fd == -ENOSYS;
	return debug_fd;
}

/* Whether a file is not there for us, for reasons of its own. */
static bool is_out_of_sight(int code)
{
	return code == -EACCES || code == -EPERM || code == -ENOENT || code == -ESTALE || code == -ENXIO ||
	       code == -ENOTSUP || code == -ELOOP || code == -ENOTDIR;
}

/* Whether something went wrong, with a file that might have symbols. */
static bool is_failure(int code)
{
	return code < 0 && code != -ENODATA && code != -ENOEXEC && !is_out_of_sight(code);
}

/* A stripped file has only the names that other modules use; its debug file has all. */
static struct symbols *read_file_symbols(struct module_symbols *cache, const struct object *object)
{
	struct stat st;
	_cleanup_close_ int fd = source_open_object(cache->source, cache->facts, object, &st);
	_cleanup_close_ int debug_fd = -1;
	struct symbols *table = NULL;
	int r = fd < 0 ? fd : symbols_read_full(fd, -1, &table);

	if (r == -ENODATA || is_out_of_sight(r)) {
		debug_fd = open_debug_file(cache, object, fd);
		if (debug_fd >= 0)
			r = symbols_read_full(debug_fd, fd, &table);
		if (!table && fd >= 0 && !is_failure(r))
			r = symbols_read(fd, &table);
	}
	if (is_failure(r) && cache->n_unread++ == 0)
		cache->unread_code = r;
	return table;
}

static struct symbols *read_vdso_symbols(const struct module_symbols *cache, const struct object *object)
{
	struct symbols *table = NULL;
	size_t len;
	_cleanup_free_ char *bytes = read_vdso_bytes(cache->source, cache->facts,
						     &cache->facts->mappings[object->first], false, &len);

	if (bytes)
		symbols_parse(bytes, len, &table);
	return table;
}

void module_symbols_init(struct module_symbols *cache, struct source *source, const struct facts *facts,
			 bool want_debuginfod)
{
	*cache = (struct module_symbols){
		.source = source,
		.facts = facts,
		.want_debuginfod = want_debuginfod,
		.tables = mem_alloc(facts->n_objects * sizeof(*cache->tables)),
		.is_read = mem_alloc(facts->n_objects * sizeof(*cache->is_read)),
	};
}

void module_symbols_done(struct module_symbols *cache)
{
	for (size_t i = 0; i < cache->facts->n_objects; i++)
		symbols_free(cache->tables[i]);
	free(cache->tables);
	free(cache->is_read);
}

static size_t count_failed(const struct module_symbols *cache, int error)
{
	size_t n = 0;

	for (size_t i = 0; i < cache->facts->n_objects; i++)
		n += cache->tables[i] && cache->tables[i]->debugdata_error == error;
	return n;
}

static void warn_of_failed(const struct module_symbols *cache, struct notes *notes, int error,
			   const char *code, const char *why)
{
	size_t n = count_failed(cache, error);

	if (n > 0)
		notes_warn(notes, code, "the compressed symbols of %zu module%s were not read: %s", n,
			   n == 1 ? "" : "s", why);
}

void module_symbols_note(const struct module_symbols *cache, struct notes *notes)
{
	if (cache->debuginfod_missing)
		debug_file_note_absent(notes);
	if (cache->n_unread > 0)
		notes_warn(notes, "symbols-unread", "the symbols of %zu module%s could not be read: %s",
			   cache->n_unread, cache->n_unread == 1 ? "" : "s", strerror(-cache->unread_code));
	warn_of_failed(cache, notes, -ENOSYS, "debugdata-absent", "liblzma is not installed");
	warn_of_failed(cache, notes, -ELIBACC, "debugdata-absent", "liblzma cannot be loaded");
	warn_of_failed(cache, notes, -EFBIG, "debugdata-large", "they take more than 64 MiB");
	warn_of_failed(cache, notes, -EBADMSG, "debugdata-damaged", "they are damaged");
}

const struct symbols *module_symbols_of(struct module_symbols *cache, const struct module *module)
{
	const struct object *object = cache->facts->objects[module->object];

	/* A record has no symbols but those that it was asked about when it was made. */
	if (source_is_judged(cache->source))
		return NULL;
	if (!cache->is_read[module->object]) {
		cache->is_read[module->object] = true;
		cache->tables[module->object] =
			is_vdso(object) ? read_vdso_symbols(cache, object) : read_file_symbols(cache, object);
	}
	return cache->tables[module->object];
}

const struct symbol *module_symbol_at(struct module_symbols *cache, const struct module *module,
				      uint64_t addr, uint64_t *ret_offset)
{
	const struct symbols *table = module_symbols_of(cache, module);
	const struct symbol *symbol = table ? symbols_at(table, addr - module->bias) : NULL;

	if (symbol)
		*ret_offset = addr - module->bias - symbol->value;
	return symbol;
}
