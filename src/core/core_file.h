/* SPDX-License-Identifier: MIT */
/*
 * A core file: its program headers and notes, and the memory that it has. Memory is only read from
 * the file when it is asked for. Files are hostile, and may end anywhere.
 */
#pragma once

#include <sys/types.h>

#include "base/error.h"
#include "core/elf_notes.h"

/* A PT_LOAD: a mapping of the process. */
struct core_load {
	uint64_t start, end; /* of the memory */
	uint64_t offset;     /* in the file */
	uint64_t dumped;     /* bytes from `start` on that the file has */
	uint64_t missing;    /* bytes after those that it should have, but that lie beyond its end */
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
	size_t n_overlapping; /* left out, since another one has their addresses */
	struct core_notes notes;
	bool is_unlisted;    /* no note lists files; the program may still be known */
	bool notes_missing;  /* some notes could not be read */
	uint64_t notes_size; /* of the notes that were read, in bytes */
	size_t n_note_segments;
};

/*
 * 0; -EBADMSG or -ENOEXEC: damaged, or not of a process; or another negative errno. Call
 * core_file_done() even then.
 */
int core_file_read(struct core_file *core, int fd, struct error *err);
void core_file_done(struct core_file *core);

/*
 * Reads bytes of memory. Returns how many were read, all of them or up to the first that the file
 * lacks; -ENODATA: it has none at this address; or another negative errno.
 */
ssize_t core_file_memory(const struct core_file *core, uint64_t addr, void *buf, size_t len);
