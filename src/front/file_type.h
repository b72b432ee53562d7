/* SPDX-License-Identifier: MIT */
/*
 * What a file that somebody has named is, by its content: what can be shown of it is decided here,
 * and what may not is refused in words. Nothing but regular files is ever opened.
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "model/facts.h"

/*
 * Opens a file that can be shown, for reading. *ret_is_text: no ELF file, but what may be a snapshot or the text of a
 * memory map, which is seen when it is read; then *ret_source is not set. *ret_fd is the caller's to close. 0;
 * -ENOEXEC: there is nothing in it to show; -ENOTSUP: not by this version; or another negative errno.
 */
int recognise_file(const char *path, enum origin *ret_source, bool *ret_is_text, int *ret_fd,
		   struct error *err);
