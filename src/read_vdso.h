/* SPDX-License-Identifier: MIT */
/*
 * The ELF image that the kernel maps into every process, called [vdso]; see vdso(7). There is no
 * file of it.
 */
#pragma once

#include "addrspace.h"
#include "proc.h"

/* Gives the object of that name its image, sections included, where it can be had. */
void read_vdso(struct proc *proc, struct addrspace *as);

/*
 * The image's bytes for other readers of it, or NULL; the caller frees them.
 */
char *read_vdso_bytes(struct proc *proc, const struct mapping *m, size_t *ret_len);
