/* SPDX-License-Identifier: MIT */
/*
 * The ELF image that the kernel maps into every process, called [vdso]; see vdso(7). There is no
 * file of it.
 */
#pragma once

#include "model/facts.h"
#include "source/source.h"

/* Gives the object of that name its image, sections included, where it is available. */
void read_vdso(struct source *source, struct facts *facts);

/*
 * The image's bytes for other readers of it, or NULL; the caller frees them. Pages that the process
 * has not touched are as in this kernel's image for such processes, or else zeroes; with `may_touch`
 * they are read from the process, too, which adds to its resident memory.
 */
char *read_vdso_bytes(struct source *source, const struct facts *facts, const struct mapping *m,
		      bool may_touch, size_t *ret_len);
