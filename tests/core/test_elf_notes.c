/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <elf.h>
#include <string.h>

#include "base/util.h"
#include "core/elf_notes.h"

static struct core_notes notes;

static void begin(size_t word_size, bool is_big_endian)
{
	core_notes_init(&notes, word_size, is_big_endian);
}

static void end(void)
{
	core_notes_done(&notes);
}

/* Writes a number of `width` bytes in the byte order of the notes. */
static void put(unsigned char *p, uint64_t number, size_t width)
{
	for (size_t i = 0; i < width; i++)
		p[notes.is_big_endian ? width - 1 - i : i] = (unsigned char)(number >> 8 * i);
}

#define N_REGISTERS 5

/* Makes a struct elf_prstatus in which each register holds its own number. */
static size_t make_status(unsigned char *p, int32_t tid, int signal)
{
	size_t word = notes.word_size;
	size_t pid = 16 + 2 * word;
	size_t registers = pid + 16 + 8 * word;

	memset(p, 0, registers + (N_REGISTERS + 1) * word);
	put(p + 12, (uint64_t)signal, 2);
	put(p + pid, (uint64_t)tid, 4);
	for (size_t i = 0; i < N_REGISTERS; i++)
		put(p + registers + i * word, i, word);
	return registers + (N_REGISTERS + 1) * word;
}

static void take_thread(int32_t tid, int signal)
{
	unsigned char bytes[256];
	size_t len = make_status(bytes, tid, signal);

	core_notes_take(&notes, "CORE", NT_PRSTATUS, bytes, len);
}

static void check_threads(size_t word_size, bool is_big_endian)
{
	begin(word_size, is_big_endian);
	take_thread(77, 11);
	take_thread(76, 0);
	cr_assert_eq(notes.n_threads, 2);
	cr_assert_eq(notes.threads[0].tid, 77);
	cr_assert_eq(notes.threads[1].tid, 76);
	cr_assert_eq(notes.threads[0].registers_len, N_REGISTERS * word_size);
	cr_assert_eq(notes.threads[0].registers[word_size + (is_big_endian ? word_size - 1 : 0)], 1);
	/* The first thread is the one that got the fatal signal. */
	cr_assert_eq(notes.tid, 77);
	cr_assert_eq(notes.signal, 11);
	end();
}

Test(elf_notes, threads_of_any_width_and_byte_order)
{
	check_threads(8, false);
	check_threads(8, true);
	check_threads(4, false);
	check_threads(4, true);
}

Test(elf_notes, a_thread_that_is_too_short)
{
	unsigned char bytes[256];
	size_t len;

	begin(8, false);
	len = make_status(bytes, 1, 6);
	for (size_t i = 0; i < len - N_REGISTERS * 8; i++)
		core_notes_take(&notes, "CORE", NT_PRSTATUS, bytes, i);
	cr_assert_eq(notes.n_threads, 0);
	core_notes_take(&notes, "CORE", NT_PRSTATUS, bytes, len - N_REGISTERS * 8);
	cr_assert_eq(notes.n_threads, 1);
	cr_assert_eq(notes.threads[0].registers_len, 0);
	end();
}

Test(elf_notes, other_owners_have_other_notes)
{
	unsigned char bytes[256];
	size_t len;

	begin(8, false);
	len = make_status(bytes, 1, 6);
	core_notes_take(&notes, "LINUX", NT_PRSTATUS, bytes, len);
	cr_assert_eq(notes.n_threads, 0);
	core_notes_take(&notes, "GDB", 0, bytes, 0);
	cr_assert(notes.is_by_gdb);
	cr_assert_not(notes.is_kernel);
	core_notes_take(&notes, "VMCOREINFO", 0, bytes, 0);
	cr_assert(notes.is_kernel);
	end();
}

/* Only the size of the note tells how wide user IDs are. */
static void check_identity(size_t word_size, size_t len, size_t uid, size_t uid_width)
{
	unsigned char bytes[136] = { 0 };
	size_t pid = uid + 2 * uid_width;

	begin(word_size, false);
	put(bytes + uid, 1000, uid_width);
	put(bytes + pid, 4321, 4);
	put(bytes + pid + 4, 1, 4);
	memcpy(bytes + pid + 16, "sixteen letters!", CORE_COMM_MAX);
	core_notes_take(&notes, "CORE", NT_PRPSINFO, bytes, len - 1);
	cr_assert_not(notes.has_identity);
	core_notes_take(&notes, "CORE", NT_PRPSINFO, bytes, len);
	cr_assert(notes.has_identity);
	cr_assert_eq(notes.uid, 1000);
	cr_assert_eq(notes.pid, 4321);
	cr_assert_eq(notes.ppid, 1);
	cr_assert_eq(memcmp(notes.comm, "sixteen letters!", CORE_COMM_MAX), 0);
	end();
}

Test(elf_notes, identity)
{
	check_identity(8, 136, 16, 4);
	check_identity(4, 128, 8, 4);
	check_identity(4, 124, 8, 2);
}

Test(elf_notes, the_first_siginfo_counts)
{
	unsigned char bytes[128] = { 0 };

	begin(8, true);
	put(bytes, 11, 4);
	put(bytes + 8, 1, 4);
	put(bytes + 16, 0xdead000, 8);
	core_notes_take(&notes, "CORE", NT_SIGINFO, bytes, 23);
	cr_assert_not(notes.has_siginfo);
	core_notes_take(&notes, "CORE", NT_SIGINFO, bytes, sizeof(bytes));
	put(bytes, 6, 4);
	core_notes_take(&notes, "CORE", NT_SIGINFO, bytes, sizeof(bytes));
	cr_assert_eq(notes.siginfo_signal, 11);
	cr_assert_eq(notes.code, 1);
	cr_assert_eq(notes.fault, 0xdead000);
	end();
}

#define N_FILES 3

/* Makes a note of three files, of a page each, named a, b and c; it claims to have `n`. */
static size_t make_files(unsigned char *p, uint64_t n)
{
	size_t word = notes.word_size;
	size_t names = (2 + 3 * N_FILES) * word;

	put(p, n, word);
	put(p + word, 4096, word);
	for (uint64_t i = 0; i < N_FILES; i++) {
		put(p + (2 + 3 * i) * word, 4096 * (i + 1), word);
		put(p + (3 + 3 * i) * word, 4096 * (i + 2), word);
		put(p + (4 + 3 * i) * word, i, word);
	}
	memcpy(p + names, "a\0b\0c", 6);
	return names + 6;
}

static void check_files(size_t word_size, bool is_big_endian)
{
	unsigned char bytes[128];
	size_t len;

	begin(word_size, is_big_endian);
	len = make_files(bytes, N_FILES);
	core_notes_take(&notes, "CORE", NT_FILE, bytes, len);
	cr_assert_eq(notes.n_files, N_FILES);
	cr_assert_eq(notes.files[2].start, 3 * 4096);
	cr_assert_eq(notes.files[2].end, 4 * 4096);
	cr_assert_eq(notes.files[2].offset, 2 * 4096);
	cr_assert_str_eq(notes.files[2].name, "c");
	end();
}

Test(elf_notes, files)
{
	check_files(8, false);
	check_files(8, true);
	check_files(4, false);
	check_files(4, true);
}

Test(elf_notes, more_files_than_the_note_has_room_for)
{
	const uint64_t numbers[] = { 5, UINT32_MAX, UINT64_MAX, UINT64_MAX / 24 + 1 };
	unsigned char bytes[128];
	size_t len;

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		begin(8, false);
		len = make_files(bytes, numbers[i]);
		core_notes_take(&notes, "CORE", NT_FILE, bytes, len);
		cr_assert_eq(notes.n_files, 0);
		end();
	}
}

Test(elf_notes, names_that_are_cut_off)
{
	unsigned char bytes[128];
	size_t len;

	begin(8, false);
	len = make_files(bytes, N_FILES);
	core_notes_take(&notes, "CORE", NT_FILE, bytes, len - 3);
	cr_assert_eq(notes.n_files, 2);
	cr_assert_str_eq(notes.files[1].name, "b");
	end();
}

Test(elf_notes, files_that_cannot_be)
{
	unsigned char bytes[128];
	size_t len;

	begin(8, false);
	len = make_files(bytes, N_FILES);
	put(bytes + 2 * 8, 9 * 4096, 8);	      /* ends before it starts */
	put(bytes + 7 * 8, UINT64_MAX / 4096 + 1, 8); /* an offset that wraps */
	core_notes_take(&notes, "CORE", NT_FILE, bytes, len);
	cr_assert_eq(notes.n_files, 1);
	cr_assert_str_eq(notes.files[0].name, "c");
	end();
}

/* Takes a note whose first file has a name of `len` bytes; the next one's is "b". */
static void take_long_name(size_t len)
{
	static unsigned char bytes[2 * CORE_NAME_MAX];
	size_t names;

	begin(8, false);
	names = make_files(bytes, N_FILES) - 6;
	memset(bytes + names, 'a', len);
	memcpy(bytes + names + len, "\0b\0", 3);
	core_notes_take(&notes, "CORE", NT_FILE, bytes, names + len + 3);
}

Test(elf_notes, names_that_are_too_long)
{
	take_long_name(CORE_NAME_MAX);
	cr_assert_eq(notes.n_files, 2);
	cr_assert_not(notes.files_missing);
	end();
	take_long_name(CORE_NAME_MAX + 1);
	cr_assert_eq(notes.n_files, 1);
	cr_assert_str_eq(notes.files[0].name, "b");
	cr_assert(notes.files_missing);
	end();
}
