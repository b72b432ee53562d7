/* SPDX-License-Identifier: MIT */
/*
 * The notes of a core file: threads and their registers, who the process was, what it ended by, and
 * which files it had mapped. Pure: bytes in, values out. The layouts are those of the kernel's
 * include/linux/elfcore.h and include/uapi/asm-generic/siginfo.h.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proc/parse_auxv.h"

#define CORE_REGISTERS_MAX 512 /* bytes of a thread's general registers: no machine has more */
#define CORE_COMM_MAX 16

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

	struct core_thread *threads; /* in the order of the file: first the one that ended the process */
	size_t n_threads, cap_threads;
	int signal;  /* that the first thread had got; 0: none */
	int32_t tid; /* of that thread: threads may be in another order later */

	bool has_identity;
	int32_t pid, ppid;
	uint64_t uid; /* UNKNOWN: not known */
	char comm[CORE_COMM_MAX];

	bool has_siginfo; /* of the first thread */
	int siginfo_signal, code;
	uint64_t fault; /* the address in it, and the PID that it may have there: whatever they mean */
	int sender;

	bool has_auxv;
	struct auxv auxv;

	struct core_file_range *files; /* as listed; none wraps or is empty */
	size_t n_files, cap_files;
	char *names;

	bool is_kernel; /* of a whole machine, and no process */
	bool is_by_gdb; /* which takes memory without access for memory that may be read */
};

/* `word_size` is 4 or 8. */
void core_notes_init(struct core_notes *notes, size_t word_size, bool is_big_endian);
void core_notes_done(struct core_notes *notes);

/* Takes one note in; one that is not of use, or too short for what it should hold, is passed over. */
void core_notes_take(struct core_notes *notes, const char *owner, unsigned type, const unsigned char *bytes,
		     size_t len);
