/* SPDX-License-Identifier: MIT */
#include "unwind/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/copy_file.h"
#include "base/load_library.h"
#include "base/mem.h"
#include "elf/debug_file.h"
#include "elf/handle.h"
#include "runtime/vdso.h"
#include "unwind/debug_strings.h"
#include "unwind/shared_debug.h"

struct libdw_module {
	struct libdw_session *session;
	const struct module *module;   /* NULL for the vdso */
	const struct mapping *mapping; /* of the vdso */
	/*
	 * Once this is set, libdw asks again only for the file that others share
	 * (.gnu_debugaltlink), which it gets later.
	 */
	bool has_debug_info;
	struct shared_debug shared; /* all zero until it is needed */
};

void libdw_session_fail(struct libdw_session *session, int code)
{
	if (session->unread_code == 0)
		session->unread_code = code;
}

/* ---- what libdw asks for ---- */

static Elf *copy_vdso(struct libdw_session *session, const struct mapping *m)
{
	size_t len;

	/*
	 * Touching a page or two matters little compared to the stop; and our own vdso may be of
	 * another kind.
	 */
	session->vdso = read_vdso_bytes(session->source, &session->space->facts, m, true, &len);
	return session->vdso ? session->dw->elf_memory(session->vdso, len) : NULL;
}

/* `elf`: a handle of our libelf, not of libdw's. */
static bool is_inflated(struct libdw_session *session, Elf *elf)
{
	bool is_so = elf_is_inflated(elf);

	session->n_inflated += is_so;
	return is_so;
}

static Elf *open_elf(const struct libdw *dw, int fd)
{
	return elf_is_excessive(fd) ? NULL : dw->elf_begin(fd, ELF_C_READ, NULL);
}

/* A handle for libdw; NULL: libdw must not get the file. `ours`: a handle of our libelf. */
static Elf *open_fit(struct libdw_session *session, int fd, Elf *ours)
{
	Elf *elf;

	if (is_inflated(session, ours))
		return NULL;
	elf_watch();
	elf = session->dw->elf_begin(fd, ELF_C_READ, NULL);
	if (!elf)
		libdw_session_fail(session, elf_failure());
	if (are_strings_ended(session->dw, elf))
		return elf;
	session->n_endless++;
	session->dw->elf_end(elf);
	return NULL;
}

/* Like elf_open(), but keeps the errno of a failure. */
static Elf *open_ours(struct libdw_session *session, int fd)
{
	Elf *elf;

	elf_watch();
	elf = elf_open(fd);
	if (!elf)
		libdw_session_fail(session, elf_failure());
	return elf;
}

static bool is_fit(struct libdw_session *session, int fd)
{
	_cleanup_elf_ Elf *ours = open_ours(session, fd);
	Elf *elf = ours ? open_fit(session, fd, ours) : NULL;

	session->dw->elf_end(elf);
	return elf;
}

/* Files are read, not mapped into our memory: they may be cut short at any time. */
static int open_file(struct libdw_module *its, const char *name, char **ret_path, Elf **ret)
{
	struct libdw_session *session = its->session;
	_cleanup_close_ int fd = -1;
	_cleanup_elf_ Elf *ours = NULL;
	struct stat st;

	if (!its->module) {
		*ret = copy_vdso(session, its->mapping);
		return -1;
	}
	fd = source_open_object(session->source, &session->space->facts,
				session->space->facts.objects[its->module->object], &st);
	if (fd == -EACCES || fd == -EPERM)
		libdw_session_fail(session, fd);
	if (fd < 0)
		return -1;
	ours = open_ours(session, fd);
	if (!ours)
		return -1;
	*ret = open_fit(session, fd, ours);
	its->has_debug_info = elf_find_section(ours, ".gnu_debugaltlink");
	/* Given only a path, libdw would open it itself. */
	if (!*ret)
		return -1;
	*ret_path = strdup(name);
	return steal_fd(&fd);
}

/* Restores errno, which libdw takes for the result of its own reads. */
static int find_elf(Dwfl_Module *handle _unused_, void **data, const char *name, Dwarf_Addr base _unused_,
		    char **ret_path, Elf **ret)
{
	int before = errno;
	int fd = open_file(*data, name, ret_path, ret);

	errno = before;
	return fd;
}

/* libdw maps the debug file: it gets a copy if others could cut the file short. */
static int secure(struct libdw_session *session, int debug_fd, const struct image *image)
{
	_cleanup_close_ int fd = debug_fd;
	_cleanup_close_ int copy = -1;
	int r;

	if (fd < 0 || debug_file_is_ours(fd, image))
		return steal_fd(&fd);
	copy = make_memory_file();
	r = copy < 0 ? copy : copy_file(fd, copy);
	if (r == 0)
		return steal_fd(&copy);
	libdw_session_fail(session, r);
	return -1;
}

static int open_debug_file(struct libdw_module *its, const char *path, const char *link)
{
	struct libdw_session *session = its->session;
	const struct image *image;
	int fd;

	if (!its->module || its->has_debug_info || session->use == DEBUG_NONE)
		return -1;
	image = session->space->facts.objects[its->module->object]->image;
	fd = debug_file_open(session->source, image, path, link, session->use == DEBUG_FETCHED);
	session->debuginfod_missing |= fd == -ENOSYS;
	if (fd < 0 && fd != -ENOSYS && fd != -ENOENT)
		libdw_session_fail(session, fd);
	if (fd >= 0 && !is_fit(session, fd)) {
		close(fd);
		fd = -1;
	}
	fd = secure(session, MAX(fd, -1), image);
	its->has_debug_info = fd >= 0;
	return fd;
}

static int find_debuginfo(Dwfl_Module *handle _unused_, void **data, const char *name _unused_,
			  Dwarf_Addr base _unused_, const char *path, const char *link,
			  GElf_Word crc _unused_, char **ret_path _unused_)
{
	int before = errno;
	int fd = open_debug_file(*data, path, link);

	errno = before;
	return fd;
}

/* ---- what libdw is given ---- */

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
		/* libdw works out the bias from this start address. */
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

/* The machine type is that of the executable. */
static int open_exe(struct libdw_session *session, struct error *err)
{
	GElf_Ehdr header;

	session->exe_fd = source_open_program(session->source);
	if (session->exe_fd < 0)
		return source_explain(session->source, "exe", session->exe_fd, err);
	session->exe = open_elf(session->dw, session->exe_fd);
	if (!session->dw->gelf_getehdr(session->exe, &header))
		return error_set(err, -ENOEXEC, "the executable is not a readable ELF file");
	session->machine = header.e_machine;
	return 0;
}

#define STACK_MIN (1 << 20) /* libdw alone takes 170 KiB for a module with much debug information */

/* The limit that counts is the one at the time when the stack grows, so it can still be raised. */
static int make_room_for_stack(struct error *err)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur >= STACK_MIN)
		return 0;
	limit.rlim_cur = STACK_MIN;
	limit.rlim_max = MAX(limit.rlim_max, limit.rlim_cur);
	if (setrlimit(RLIMIT_STACK, &limit) != 0)
		return error_set(err, -ENOMEM, "they need a stack of 1M: raise the limit (ulimit -s)");
	return 0;
}

int libdw_session_begin(struct libdw_session *session, struct source *source, const struct space *space,
			enum debug_use use, struct error *err)
{
	static const Dwfl_Callbacks callbacks = { .find_elf = find_elf, .find_debuginfo = find_debuginfo };
	const struct libdw *dw = libdw_load();
	int r;

	*session = (struct libdw_session){
		.dw = dw, .source = source, .space = space, .use = use, .exe_fd = -1
	};
	if (!dw && library_failure())
		return error_set(err, -ENOTSUP, "cannot load %s", library_failure());
	if (!dw)
		return error_set(err, -ENOTSUP,
				 LIBDW_SONAME
				 " of elfutils 0.188 or later is not installed (package libdw1)");
	r = make_room_for_stack(err);
	if (r < 0)
		return r;
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

bool libdw_session_load(struct libdw_session *session, Dwfl_Module *handle)
{
	const struct libdw *dw = session->dw;
	Dwarf_Addr bias;
	Dwarf *dwarf = session->use == DEBUG_NONE ? NULL : dw->dwfl_module_getdwarf(handle, &bias);
	struct libdw_module *its;
	bool has_shared;
	void **data;
	int before;

	if (!dwarf || !dw->dwfl_module_info(handle, &data, NULL, NULL, NULL, NULL, NULL, NULL))
		return false;
	its = *data;
	before = errno;
	has_shared = its && set_shared_debug(&its->shared, dw, dwarf, session->source);
	errno = before;
	return has_shared;
}

size_t libdw_session_missing(const struct libdw_session *session)
{
	size_t n = 0;

	for (size_t i = 0; i <= session->space->judgement.n_modules; i++)
		n += session->modules[i].shared.state == SHARED_MISSING;
	return n;
}

static void free_modules(struct libdw_session *session)
{
	for (size_t i = 0; session->modules && i <= session->space->judgement.n_modules; i++)
		shared_debug_done(&session->modules[i].shared, session->dw);
	free(session->modules);
}

void libdw_session_end(struct libdw_session *session)
{
	session->dw->dwfl_end(session->dwfl);
	session->dw->elf_end(session->exe);
	cleanup_close(&session->exe_fd);
	free_modules(session);
	free(session->vdso);
}
