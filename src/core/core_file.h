/* SPDX-License-Identifier: MIT */
/*
 * A core file: its program headers and notes, and the memory that it has. Memory is read from the file when
 * it is asked for, and not before. Files are hostile, and may end anywhere.
 */
#pragma once

#include <sys/types.h>

#include "base/error.h"
#include "core/elf_notes.h"

/* A PT_LOAD: what was a mapping of the process. */
struct core_load {
	uint64_t start, end; /* of the memory */
	uint64_t offset;     /* in the file */
	uint64_t dumped;     /* bytes from `start` on that the file has, */
	uint64_t missing;    /* and those that should follow, and which it ends before */
	uint8_t perms;
};

struct core_file {
	int fd; /* borrowed */
	uint64_t size;
	size_t word_size; /* 4 or 8 */
	bool is_big_endian;
	unsigned machine;	 /* EM_* */
	struct core_load *loads; /* sorted, disjoint */
	size_t n_loads, cap_loads;
	size_t n_overlapping; /* that were left out, as another has their place */
	struct core_notes notes;
	bool is_unlisted;    /* no note lists files: the program may be known all the same */
	bool notes_missing;  /* some could not be read */
	uint64_t notes_size; /* of those that were taken, in bytes */
};

/*
 * 0; -EBADMSG or -ENOEXEC: damaged, or of no process; or another negative errno. Ends with core_file_done()
 * then, too.
 */
int core_file_read(struct core_file *core, int fd, struct error *err);
void core_file_done(struct core_file *core);

/*
 * Bytes of memory. The number read, all or up to what the file does not have; -ENODATA: the file has none
 * at this address; or another negative errno.
 */
ssize_t core_file_memory(const struct core_file *core, uint64_t addr, void *buf, size_t len);
