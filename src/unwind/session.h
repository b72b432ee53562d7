/* SPDX-License-Identifier: MIT */
/*
 * What libdw gets to see of a process. On its own, libdw would open the paths in /proc/PID/maps,
 * which by now may lead to other files, or may lead elsewhere in the process's mount namespace. So
 * it only gets the place of each module, and asks here for the file when it needs it.
 */
#pragma once

#include "model/space.h"
#include "source/source.h"
#include "unwind/libdw.h"
#include "unwind/read_frames.h"

struct libdw_session {
	const struct libdw *dw;
	Dwfl *dwfl;
	struct source *source;
	const struct space *space;
	enum debug_use use;
	bool debuginfod_missing; /* wanted, but no server could be asked */
	/* Files that were not given to libdw: see elf_is_inflated(), and are_strings_ended(). */
	size_t n_inflated, n_endless;
	int unread_code; /* why debug information could not be read, though nothing forbids it; or 0 */
	struct libdw_module *modules;
	char *vdso; /* a copy, made when first needed */
	int exe_fd;
	Elf *exe;
	unsigned machine; /* EM_*, of the executable */
};

/*
 * Reports all modules to libdw. The session must stay in place. 0; -ENOTSUP: libdw is not available; or
 * another negative errno.
 */
int libdw_session_begin(struct libdw_session *session, struct source *source, const struct space *space,
			enum debug_use use, struct error *err);
void libdw_session_end(struct libdw_session *session);

/*
 * Makes a module's debug information ready. False: there is none, or it must not be used. Call this
 * first: otherwise libdw itself would open the file that .gnu_debugaltlink names.
 */
bool libdw_session_load(struct libdw_session *session, Dwfl_Module *handle);

/* Keeps the errno of the first failed read; `code`: 0, or a negative errno. */
void libdw_session_fail(struct libdw_session *session, int code);

/* The number of modules so far with a part of their debug information in a file that was not found. */
size_t libdw_session_missing(const struct libdw_session *session);
