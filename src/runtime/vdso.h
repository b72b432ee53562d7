/* SPDX-License-Identifier: MIT */
/*
 * The ELF image that the kernel maps into every process, called [vdso]; see vdso(7). There is no
 * file of it.
 */
#pragma once

#include "model/facts.h"
#include "source/source.h"

/* Gives the object of that name its image, sections included, where it can be had. */
void read_vdso(struct source *source, struct facts *facts);

/*
 * The image's bytes for other readers of it, or NULL; the caller frees them. With `may_touch` pages
 * are read, too, that the process has not touched, which adds to its resident memory; without it
 * they are as in our own image, if that is the same one.
 */
char *read_vdso_bytes(struct source *source, const struct mapping *m, bool may_touch, size_t *ret_len);
