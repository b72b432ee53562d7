/* SPDX-License-Identifier: MIT */
/*
 * The notes of a core file: threads and their registers, which process it was, what ended it, and
 * which files it had mapped. Pure: bytes in, values out. The layouts are those of the kernel's
 * include/linux/elfcore.h and include/uapi/asm-generic/siginfo.h.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proc/parse_auxv.h"

#define CORE_REGISTERS_MAX 512 /* bytes of a thread's general registers: no machine has more */
#define CORE_COMM_MAX 16

/* Bytes of a file's name: the longest path that a program can open, and the kernel's " (deleted)". */
#define CORE_NAME_MAX (PATH_MAX - 1 + sizeof(" (deleted)") - 1)

struct core_thread {
	int32_t tid;
	size_t registers_len;
	unsigned char registers[CORE_REGISTERS_MAX]; /* as the file has them */
};

/* A part of a file that was mapped. */
struct core_file_range {
	uint64_t start, end;
	uint64_t offset;  /* in the file */
	const char *name; /* in the notes' own memory */
};

struct core_notes {
	size_t word_size; /* of the process, from the file's header */
	bool is_big_endian;

	struct core_thread *threads; /* in file order: the one that ended the process comes first */
	size_t n_threads, cap_threads;
	int signal;  /* that the first thread got; 0: none */
	int32_t tid; /* of that thread: the threads may be sorted later */

	bool has_identity;
	int32_t pid, ppid;
	uint64_t uid; /* UNKNOWN: not known */
	char comm[CORE_COMM_MAX];

	bool has_siginfo; /* of the first thread */
	int siginfo_signal, code;
	uint64_t fault; /* si_addr and, from the same bytes, si_pid: signal and `code` say which is meant */
	int sender;

	bool has_auxv;
	struct auxv auxv;

	struct core_file_range *files; /* as listed; none wraps or is empty */
	size_t n_files, cap_files;
	char *names;
	bool files_missing; /* some were left out, since their names are too long */

	bool is_kernel; /* of a whole machine, not of a process */
	bool is_by_gdb; /* gdb, which dumps memory without access as readable, wrote the file */
};

/* `word_size` is 4 or 8. */
void core_notes_init(struct core_notes *notes, size_t word_size, bool is_big_endian);
void core_notes_done(struct core_notes *notes);

/* Takes in one note; ignores one that is of no use, or too short for what it should hold. */
void core_notes_take(struct core_notes *notes, const char *owner, unsigned type, const unsigned char *bytes,
		     size_t len);
