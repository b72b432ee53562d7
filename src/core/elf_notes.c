/* SPDX-License-Identifier: MIT */
#include "core/elf_notes.h"

#include <elf.h>
#include <string.h>

#include "base/mem.h"

void core_notes_init(struct core_notes *notes, size_t word_size, bool is_big_endian)
{
	*notes = (struct core_notes){
		.word_size = word_size,
		.is_big_endian = is_big_endian,
		.uid = UNKNOWN,
		.fault = UNKNOWN,
	};
}

void core_notes_done(struct core_notes *notes)
{
	free(notes->threads);
	free(notes->files);
	free(notes->names);
	*notes = (struct core_notes){ 0 };
}

static uint64_t number_at(const struct core_notes *notes, const unsigned char *p, size_t width)
{
	return bytes_number(p, width, notes->is_big_endian);
}

static int32_t int_at(const struct core_notes *notes, const unsigned char *p)
{
	return (int32_t)number_at(notes, p, 4);
}

/* ---- threads: struct elf_prstatus ---- */

#define CURSIG 12 /* after the three numbers of pr_info */

/*
 * After the signal come two sets of signals, four numbers, the PID first, and four times of two
 * words each.
 */
static size_t prstatus_pid(const struct core_notes *notes)
{
	return 16 + 2 * notes->word_size;
}

static size_t prstatus_registers(const struct core_notes *notes)
{
	return prstatus_pid(notes) + 16 + 8 * notes->word_size;
}

static void take_thread(struct core_notes *notes, const unsigned char *bytes, size_t len)
{
	size_t start = prstatus_registers(notes);
	struct core_thread *thread;

	/* The last word says whether floating-point registers follow. */
	if (len < start + notes->word_size)
		return;
	if (notes->n_threads == 0) {
		notes->signal = (int)number_at(notes, bytes + CURSIG, 2);
		notes->tid = int_at(notes, bytes + prstatus_pid(notes));
	}
	mem_grow(notes->threads, notes->n_threads, notes->cap_threads);
	thread = &notes->threads[notes->n_threads++];
	*thread = (struct core_thread){
		.tid = int_at(notes, bytes + prstatus_pid(notes)),
		.registers_len = MIN(len - start - notes->word_size, sizeof(thread->registers)),
	};
	memcpy(thread->registers, bytes + start, thread->registers_len);
}

/* ---- the process: struct elf_prpsinfo ---- */

/* Some old machines have 16-bit user IDs: only the size of the note shows which it is. */
#define PSINFO_SIZE_64 136
#define PSINFO_SIZE_32 128
#define PSINFO_SIZE_OLD 124

static void take_identity(struct core_notes *notes, const unsigned char *bytes, size_t len)
{
	size_t uid = notes->word_size == 8 ? 16 : 8;
	size_t uid_width = notes->word_size == 4 && len == PSINFO_SIZE_OLD ? 2 : 4;
	size_t pid = uid + 2 * uid_width;

	if (notes->has_identity ||
	    (len != PSINFO_SIZE_OLD && len != PSINFO_SIZE_32 && len != PSINFO_SIZE_64) ||
	    (notes->word_size == 8) != (len == PSINFO_SIZE_64))
		return;
	notes->has_identity = true;
	notes->uid = number_at(notes, bytes + uid, uid_width);
	notes->pid = int_at(notes, bytes + pid);
	notes->ppid = int_at(notes, bytes + pid + 4);
	memcpy(notes->comm, bytes + pid + 16, sizeof(notes->comm));
}

/* ---- what ended it: siginfo_t ---- */

static void take_siginfo(struct core_notes *notes, const unsigned char *bytes, size_t len)
{
	/* After three numbers comes a union that begins with a word. */
	size_t addr = notes->word_size == 8 ? 16 : 12;

	if (notes->has_siginfo || len < addr + notes->word_size)
		return;
	notes->has_siginfo = true;
	notes->siginfo_signal = int_at(notes, bytes);
	notes->code = int_at(notes, bytes + 8);
	notes->fault = number_at(notes, bytes + addr, notes->word_size);
	notes->sender = int_at(notes, bytes + addr);
}

/* ---- files: NT_FILE ---- */

static void add_file(struct core_notes *notes, const unsigned char *entry, uint64_t page_size,
		     const char *name)
{
	size_t width = notes->word_size;
	struct core_file_range file = {
		.start = number_at(notes, entry, width),
		.end = number_at(notes, entry + width, width),
		.name = name,
	};
	uint64_t page = number_at(notes, entry + 2 * width, width);

	if (file.start >= file.end || !*name || __builtin_mul_overflow(page, page_size, &file.offset) ||
	    file.offset > UINT64_MAX - (file.end - file.start))
		return;
	/* Each mapping looks for its name, and each row shows it. */
	if (strlen(name) > CORE_NAME_MAX) {
		notes->files_missing = true;
		return;
	}
	mem_grow(notes->files, notes->n_files, notes->cap_files);
	notes->files[notes->n_files++] = file;
}

/* The number of files, and the unit of offsets; start, end and offset of each; and then their names. */
static void take_files(struct core_notes *notes, const unsigned char *bytes, size_t len)
{
	size_t width = notes->word_size;
	const char *name, *end;
	uint64_t n, page_size;

	if (notes->names || len < 2 * width)
		return;
	n = number_at(notes, bytes, width);
	page_size = number_at(notes, bytes + width, width);
	if (n > (len - 2 * width) / (3 * width))
		return;
	bytes += 2 * width;
	len -= 2 * width + 3 * width * (size_t)n;
	name = notes->names = mem_copy((const char *)bytes + 3 * width * n, len);
	end = name + len;
	for (uint64_t i = 0; i < n && name < end; i++, name += strlen(name) + 1)
		add_file(notes, bytes + 3 * width * i, page_size, name);
}

/* ---- all of them ---- */

static void take_auxv(struct core_notes *notes, const unsigned char *bytes, size_t len)
{
	if (!notes->has_auxv)
		notes->has_auxv =
			parse_auxv(bytes, len, &notes->auxv) && notes->auxv.word_size == notes->word_size;
}

void core_notes_take(struct core_notes *notes, const char *owner, unsigned type, const unsigned char *bytes,
		     size_t len)
{
	notes->is_kernel |= strcmp(owner, "VMCOREINFO") == 0;
	notes->is_by_gdb |= strcmp(owner, "GDB") == 0;
	if (strcmp(owner, "CORE") != 0)
		return;
	switch (type) {
	case NT_PRSTATUS:
		take_thread(notes, bytes, len);
		break;
	case NT_PRPSINFO:
		take_identity(notes, bytes, len);
		break;
	case NT_SIGINFO:
		take_siginfo(notes, bytes, len);
		break;
	case NT_AUXV:
		take_auxv(notes, bytes, len);
		break;
	case NT_FILE:
		take_files(notes, bytes, len);
		break;
	default:
		break;
	}
}
