/* SPDX-License-Identifier: MIT */
/*
 * Recognises files by their content, and refuses with a message those that cannot be shown. Only
 * regular files are ever opened.
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "model/facts.h"

/*
 * Opens a file that can be shown, for reading. *ret_is_text: it is not an ELF file, but may be a snapshot or
 * the text of a memory map, which only reading it can tell; then *ret_source is not set. The caller closes
 * *ret_fd. 0; -ENOEXEC: there is nothing in it to show; -ENOTSUP: this version cannot show it; or another
 * negative errno.
 */
int recognise_file(const char *path, enum origin *ret_source, bool *ret_is_text, int *ret_fd,
		   struct error *err);
