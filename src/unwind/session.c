/* SPDX-License-Identifier: MIT */
#include "unwind/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "elf/debug_file.h"
#include "elf/handle.h"
#include "runtime/vdso.h"

struct libdw_module {
	struct libdw_session *session;
	const struct module *module;   /* NULL: the vdso, */
	const struct mapping *mapping; /* which is here */
};

/* ---- what libdw asks for ---- */

static Elf *copy_vdso(struct libdw_session *session, const struct mapping *m)
{
	size_t len;

	/* A page or two more are little beside a stop; and unlike our own, it may be of another kind. */
	session->vdso = read_vdso_bytes(session->source, &session->space->facts, m, true, &len);
	return session->vdso ? session->dw->elf_memory(session->vdso, len) : NULL;
}

static Elf *open_elf(const struct libdw *dw, int fd)
{
	return elf_is_excessive(fd) ? NULL : dw->elf_begin(fd, ELF_C_READ, NULL);
}

/* Files are read, not mapped into our memory: they may be cut short at any time. */
static int find_elf(Dwfl_Module *handle _unused_, void **data, const char *name, Dwarf_Addr base _unused_,
		    char **ret_path, Elf **ret)
{
	const struct libdw_module *its = *data;
	struct libdw_session *session = its->session;
	_cleanup_close_ int fd = -1;
	struct stat st;

	if (!its->module) {
		*ret = copy_vdso(session, its->mapping);
		return -1;
	}
	fd = source_open_object(session->source, &session->space->facts,
				session->space->facts.objects[its->module->object], &st);
	if (fd < 0)
		return -1;
	*ret = open_elf(session->dw, fd);
	/* With a path and nothing more libdw would open that path itself. */
	if (!*ret)
		return -1;
	*ret_path = strdup(name);
	return steal_fd(&fd);
}

static int find_debuginfo(Dwfl_Module *handle _unused_, void **data, const char *name _unused_,
			  Dwarf_Addr base _unused_, const char *path, const char *link,
			  GElf_Word crc _unused_, char **ret_path _unused_)
{
	const struct libdw_module *its = *data;
	struct libdw_session *session = its->session;
	int fd;

	if (!its->module)
		return -1;
	fd = debug_file_open(session->source, session->space->facts.objects[its->module->object]->image, path,
			     link, session->want_debuginfod);
	session->debuginfod_missing |= fd == -ENOSYS;
	return MAX(fd, -1);
}

/* ---- what it is told ---- */

static void report(struct libdw_session *session, struct libdw_module *its, const char *name, uint64_t start,
		   uint64_t end)
{
	Dwfl_Module *handle =
		start < end ? session->dw->dwfl_report_module(session->dwfl, name, start, end) : NULL;
	void **data;

	its->session = session;
	if (handle && session->dw->dwfl_module_info(handle, &data, NULL, NULL, NULL, NULL, NULL, NULL))
		*data = its;
}

static void report_modules(struct libdw_session *session)
{
	const struct space *space = session->space;

	for (size_t i = 0; i < space->judgement.n_modules; i++) {
		const struct module *module = &space->judgement.modules[i];
		const struct object *object = space->facts.objects[module->object];

		if (is_vdso(object))
			continue; /* see below */
		session->modules[i].module = module;
		/* From where it begins libdw works out the bias, in this way. */
		report(session, &session->modules[i], object->name, module->bias + object->image->base,
		       module->end);
	}
}

static void report_vdso(struct libdw_session *session)
{
	const struct space *space = session->space;
	struct libdw_module *its = &session->modules[space->judgement.n_modules];

	for (size_t i = 0; i < space->facts.n_mappings && !its->mapping; i++) {
		if (!is_vdso(mapping_object(&space->facts, &space->facts.mappings[i])))
			continue;
		its->mapping = &space->facts.mappings[i];
		report(session, its, "[vdso]", its->mapping->start, its->mapping->end);
	}
}

/* The machine goes by the program that runs. */
static int open_exe(struct libdw_session *session, struct error *err)
{
	GElf_Ehdr header;

	session->exe_fd = source_open_program(session->source);
	if (session->exe_fd < 0)
		return source_explain(session->source, "exe", session->exe_fd, err);
	session->exe = open_elf(session->dw, session->exe_fd);
	if (!session->dw->gelf_getehdr(session->exe, &header))
		return error_set(err, -ENOEXEC, "the executable is no ELF file that can be read");
	session->machine = header.e_machine;
	return 0;
}

int libdw_session_begin(struct libdw_session *session, struct source *source, const struct space *space,
			bool want_debuginfod, struct error *err)
{
	static const Dwfl_Callbacks callbacks = { .find_elf = find_elf, .find_debuginfo = find_debuginfo };
	const struct libdw *dw = libdw_load();
	int r;

	*session = (struct libdw_session){
		.dw = dw, .source = source, .space = space, .want_debuginfod = want_debuginfod, .exe_fd = -1
	};
	if (!dw)
		return error_set(err, -ENOTSUP,
				 LIBDW_SONAME
				 " of elfutils 0.188 or later is not installed (package libdw1)");
	dw->elf_version(EV_CURRENT);
	session->dwfl = dw->dwfl_begin(&callbacks);
	if (!session->dwfl)
		mem_exhausted();
	r = open_exe(session, err);
	if (r < 0) {
		libdw_session_end(session);
		return r;
	}
	session->modules = mem_alloc((space->judgement.n_modules + 1) * sizeof(*session->modules));
	dw->dwfl_report_begin(session->dwfl);
	report_modules(session);
	report_vdso(session);
	dw->dwfl_report_end(session->dwfl, NULL, NULL);
	return 0;
}

void libdw_session_end(struct libdw_session *session)
{
	session->dw->dwfl_end(session->dwfl);
	session->dw->elf_end(session->exe);
	cleanup_close(&session->exe_fd);
	free(session->modules);
	free(session->vdso);
}
