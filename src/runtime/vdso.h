/* SPDX-License-Identifier: MIT */
/* The ELF image that the kernel maps into every process, called [vdso]; see vdso(7). It has no file. */
#pragma once

#include "model/facts.h"
#include "source/source.h"

/* Sets the image of the object [vdso], sections included, if it is available. */
void read_vdso(struct source *source, struct facts *facts);

/*
 * The image's bytes for other readers, or NULL; the caller frees them. Pages that the process has
 * not touched are taken from this kernel's image for such processes, or else are zeroes; with
 * `may_touch` they are read from the process, too, which adds to its resident memory.
 */
char *read_vdso_bytes(struct source *source, const struct facts *facts, const struct mapping *m,
		      bool may_touch, size_t *ret_len);
