/* SPDX-License-Identifier: MIT */
/*
 * The input is a process that runs one ELF file: a struct head, its stack, the file, and optionally its
 * separate debug file. The frames of its one thread are read, and with them all that libdw looks at.
 */
#include <elf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis/classify.h"
#include "analysis/modules.h"
#include "base/util.h"
#include "elf/read_image.h"
#include "elf/registers.h"
#include "fuzz.h"
#include "load_image.h"
#include "unwind/read_frames.h"

/* Addresses that fit into registers of 32 bits. */
#define STACK UINT64_C(0x20000000)
#define BASE UINT64_C(0x40000000)
#define PID 100

#define AS_VDSO 1 /* the file is the vDSO, which the kernel has put into memory */

struct head {
	uint8_t flags;
	uint8_t stack_len; /* in units of 16 bytes */
	uint16_t unused;
	uint32_t file_len;
	uint64_t words[40]; /* registers, as ptrace(2) gives them */
};

struct program {
	struct source source; /* for the reader */
	struct space space;
	struct head head;
	const uint8_t *stack, *file;
	size_t stack_len, file_len;
	int fd, debug_fd;
};

static struct program *program_of(struct source *source)
{
	return (struct program *)source;
}

/* libelf and libdw leak a few bytes when a file is broken. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:libelf.so\nleak:libdw.so";
}

/* ---- the source ---- */

static ssize_t read_from(const uint8_t *bytes, size_t size, uint64_t at, void *buf, size_t len)
{
	if (at >= size)
		return -EFAULT;
	len = MIN(len, (size_t)(size - at));
	memcpy(buf, bytes + at, len);
	return (ssize_t)len;
}

static ssize_t read_memory(struct source *source, uint64_t addr, void *buf, size_t len)
{
	const struct program *program = program_of(source);

	if (addr >= BASE && program->head.flags & AS_VDSO)
		return read_from(program->file, program->file_len, addr - BASE, buf, len);
	return addr < STACK ? -EFAULT : read_from(program->stack, program->stack_len, addr - STACK, buf, len);
}

static int open_again(int fd)
{
	int again = fd < 0 ? -1 : dup(fd);

	return again < 0 ? -ENOENT : again;
}

static int open_object(struct source *source, const struct facts *facts _unused_,
		       const struct object *object _unused_, struct stat *ret_stat)
{
	int fd = program_of(source)->fd;

	require(fstat(fd, ret_stat) == 0);
	return open_again(fd);
}

static int open_program(struct source *source)
{
	return open_again(program_of(source)->fd);
}

static int find_path(struct source *source, const char *path _unused_)
{
	return open_again(program_of(source)->debug_fd);
}

static int hold_thread(struct source *source _unused_, int32_t tid, hold_fn *act, void *context,
		       struct error *err)
{
	require(tid == PID);
	return act(context, err);
}

static int read_registers(struct source *source, int32_t tid, unsigned machine, struct registers *ret)
{
	const struct program *program = program_of(source);

	require(tid == PID);
	return registers_from_status((const unsigned char *)program->head.words, sizeof(program->head.words),
				     machine, ret);
}

/* ---- the process ---- */

static int file_of(const uint8_t *bytes, size_t len)
{
	int fd = memfd_create("frames", MFD_CLOEXEC);

	require(fd >= 0 && write(fd, bytes, len) == (ssize_t)len);
	return fd;
}

static void map_vdso(struct facts *facts, size_t len)
{
	uint32_t object = facts_object(facts, 0, 0, 0, "[vdso]", 6);

	facts->objects[object]->first = (uint32_t)facts->n_mappings;
	if (len > 0)
		facts_add_mapping(facts, &(struct mapping){ BASE, BASE + page_ceil(len, LOADED_PAGE), 0,
							    object, PERM_R | PERM_X });
}

static void map_program(struct program *program, struct facts *facts)
{
	uint32_t object = facts_object(facts, 8, 1, 2, "/bin/p", 6);
	struct image_budget budget = image_budget();
	struct image *image = NULL;

	facts->objects[object]->first = (uint32_t)facts->n_mappings;
	if (elf_image_read(program->fd, true, &budget, &image) < 0)
		return;
	facts->objects[object]->image = image;
	facts->objects[object]->headers = HEADERS_FILE;
	load_image(facts, image, object, BASE);
}

static void start(struct program *program)
{
	struct space *space = &program->space;

	space_init(space);
	space->facts.page_size = LOADED_PAGE;
	space->facts.process.pid = PID;
	facts_add_mapping(&space->facts,
			  &(struct mapping){ STACK, STACK + LOADED_PAGE, 0, 0, PERM_R | PERM_W });
	if (program->head.flags & AS_VDSO)
		map_vdso(&space->facts, program->file_len);
	else
		map_program(program, &space->facts);
	find_modules(&space->facts, &space->judgement);
	classify(&space->facts, false, &space->judgement);
}

/* Returns false if the input has another form. */
static bool program_init(struct program *program, const uint8_t *data, size_t size)
{
	static const struct source_ops ops = {
		.read_memory = read_memory,
		.open_object = open_object,
		.open_program = open_program,
		.find_path = find_path,
		.hold_thread = hold_thread,
		.read_registers = read_registers,
	};

	*program = (struct program){
		.source = { .ops = &ops, .pid = PID, .is_native = true },
		.debug_fd = -1,
	};
	if (size < sizeof(program->head))
		return false;
	memcpy(&program->head, data, sizeof(program->head));
	program->stack = data + sizeof(program->head);
	size -= sizeof(program->head);
	program->stack_len = MIN(size, (size_t)program->head.stack_len * 16);
	program->file = program->stack + program->stack_len;
	size -= program->stack_len;
	program->file_len = MIN(size, (size_t)program->head.file_len);
	program->fd = file_of(program->file, program->file_len);
	if (size > program->file_len)
		program->debug_fd = file_of(program->file + program->file_len, size - program->file_len);
	start(program);
	return true;
}

static void program_done(struct program *program)
{
	space_done(&program->space);
	close(program->fd);
	if (program->debug_fd >= 0)
		close(program->debug_fd);
}

/* ---- the result ---- */

static void require_frames(const struct frames *frames)
{
	require(frames && frames->n > 0 && frames->tid == PID);
	for (size_t i = 0; i < frames->n; i++) {
		const struct frame *frame = &frames->frames[i];

		require(frame->location < frames->n_locations);
		require(frame->start == UNKNOWN || frame->end == UNKNOWN || frame->start <= frame->end);
	}
	for (size_t i = 0; i < frames->n_locations; i++)
		require((frames->locations[i].source == NULL) == (frames->locations[i].line == UNKNOWN));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct program program;
	struct error err;

	if (!program_init(&program, data, size))
		return 0;
	if (read_frames(&program.source, &program.space, PID, DEBUG_INSTALLED, &program.space.answers,
			&err) == 0)
		require_frames(program.space.answers.frames);
	program_done(&program);
	return 0;
}
