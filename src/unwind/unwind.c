/* SPDX-License-Identifier: MIT */
#include "unwind/unwind.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "elf/registers.h"

/* Forged unwind tables can make a frame of each word of a stack, however large. */
#define FRAMES_MAX 1000000

#define BLOCK_SIZE 4096

struct unwinder {
	struct libdw_session *session;
	int32_t tid;
	struct registers registers;
	struct raw_frames *raw;
	size_t mark;	     /* the frame that new ones are compared with, see is_repeated() */
	uint64_t unreadable; /* an address that could not be read since the last frame; or UNKNOWN */
	/* The part of the stack that was read last: libdw asks for its words one by one. */
	uint64_t block_start;
	size_t block_len;
	unsigned char block[BLOCK_SIZE];
};

/* ---- what libdw asks for ---- */

/* There is only one thread: the one that libdw is to unwind. */
static pid_t next_thread(Dwfl *dwfl _unused_, void *context, void **ret_context)
{
	struct unwinder *u = context;

	if (*ret_context)
		return 0;
	*ret_context = u;
	return u->tid;
}

static size_t read_remote(const struct unwinder *u, uint64_t address, void *buf, size_t len)
{
	ssize_t n = source_touch_memory(u->session->source, address, buf, len);

	return n < 0 ? 0 : (size_t)n;
}

static bool is_in_block(const struct unwinder *u, uint64_t address, size_t size)
{
	return address >= u->block_start && size <= u->block_len &&
	       address - u->block_start <= u->block_len - size;
}

static bool read_memory(Dwfl *dwfl _unused_, Dwarf_Addr address, Dwarf_Word *ret, void *context)
{
	struct unwinder *u = context;
	size_t size = u->registers.word_size;
	unsigned char word[sizeof(uint64_t)];
	uint32_t half;

	if (!is_in_block(u, address, size)) {
		u->block_start = page_floor(address, BLOCK_SIZE);
		u->block_len = read_remote(u, u->block_start, u->block, BLOCK_SIZE);
	}
	if (is_in_block(u, address, size)) {
		memcpy(word, u->block + (address - u->block_start), size);
	} else if (read_remote(u, address, word, size) != size) {
		u->unreadable = address;
		return false;
	}
	if (size == sizeof(half)) {
		memcpy(&half, word, sizeof(half));
		*ret = half;
	} else {
		memcpy(ret, word, sizeof(*ret));
	}
	return true;
}

static bool set_registers(Dwfl_Thread *thread, void *context)
{
	const struct unwinder *u = context;
	const struct libdw *dw = u->session->dw;

	dw->dwfl_thread_state_register_pc(thread, u->registers.pc);
	return dw->dwfl_thread_state_registers(thread, 0, u->registers.n, u->registers.values);
}

/* ---- what libdw gives us ---- */

static const struct mapping *mapping_at(const struct space *space, uint64_t address)
{
	size_t i = facts_find_mapping(&space->facts, address);

	if (i == space->facts.n_mappings || space->facts.mappings[i].start > address)
		return NULL;
	return &space->facts.mappings[i];
}

static bool is_code(const struct space *space, uint64_t address)
{
	const struct mapping *mapping = mapping_at(space, address);

	return mapping && mapping->perms & PERM_X;
}

/*
 * Whether a caller can have this stack pointer: its stack must be mapped. Only the first caller may not have touched
 * its stack yet: if calls keep the return address in a register, the innermost call touches nothing.
 */
static bool is_stack(const struct unwinder *u, uint64_t sp)
{
	const struct space *space = u->session->space;

	return u->raw->n < 2 || sp == UNKNOWN || mapping_at(space, sp) || mapping_at(space, sp - 1);
}

static bool is_same(const struct raw_frame *a, const struct raw_frame *b)
{
	return a->pc == b->pc && a->sp == b->sp;
}

/*
 * A sound stack has no two frames with both the same address and the same stack pointer; only forged tables find a
 * caller but not its stack pointer. A stack that has such frames leads back into itself, and would never end. To find
 * a loop, whatever its length, a frame is compared with one earlier frame, which is replaced by the latest after
 * 1, 2, 4, 8... frames (Brent's algorithm).
 */
static bool is_repeated(struct unwinder *u, const struct raw_frame *frame)
{
	size_t n = u->raw->n;

	if (n == 0)
		return false;
	if ((n & (n - 1)) == 0)
		u->mark = n - 1;
	return is_same(&u->raw->frames[u->mark], frame);
}

/* The next frame would be the marked one again: leaves each frame of the loop once. */
static void cut_loop(struct unwinder *u)
{
	struct raw_frames *raw = u->raw;
	size_t length = raw->n - u->mark, first = 0;

	while (first < u->mark && !is_same(&raw->frames[first], &raw->frames[first + length]))
		first++;
	raw->n = first + length;
	snprintf(raw->why, sizeof(raw->why), "it would return to %" PRIx64 " again%s", raw->frames[first].pc,
		 raw->frames[first].sp == UNKNOWN ? "" : ", with the same stack pointer");
}

/* If libdw has only frame pointers to go by, what it finds may be nonsense. */
static bool is_plausible(const struct unwinder *u, const struct raw_frame *frame)
{
	struct raw_frames *raw = u->raw;

	if (raw->n > 0 && !is_code(u->session->space, frame->pc))
		snprintf(raw->why, sizeof(raw->why), "it would return to %" PRIx64 ", which is not code",
			 frame->pc);
	else if (!is_stack(u, frame->sp))
		snprintf(raw->why, sizeof(raw->why),
			 "its caller's frame would be at %" PRIx64 ", where nothing is mapped", frame->sp);
	else if (raw->n == FRAMES_MAX)
		snprintf(raw->why, sizeof(raw->why), "no more than %d are shown", FRAMES_MAX);
	return !raw->why[0];
}

static int take_frame(Dwfl_Frame *frame, void *context)
{
	struct unwinder *u = context;
	const struct libdw *dw = u->session->dw;
	struct raw_frame raw = { .sp = UNKNOWN };
	Dwarf_Addr pc;
	Dwarf_Word sp;
	bool is_activation;

	u->unreadable = UNKNOWN;
	if (!dw->dwfl_frame_pc(frame, &pc, &is_activation))
		return DWARF_CB_ABORT;
	raw.pc = pc;
	raw.is_return = !is_activation;
	if (dw->dwfl_frame_reg(frame, u->registers.sp, &sp) == 0)
		raw.sp = sp;
	if (!is_plausible(u, &raw))
		return DWARF_CB_ABORT;
	if (is_repeated(u, &raw)) {
		cut_loop(u);
		return DWARF_CB_ABORT;
	}
	mem_grow(u->raw->frames, u->raw->n, u->raw->cap);
	u->raw->frames[u->raw->n++] = raw;
	return DWARF_CB_OK;
}

static int take_frames(void *context, struct error *err)
{
	struct unwinder *u = context;
	struct libdw_session *session = u->session;
	struct raw_frames *raw = u->raw;
	int r = source_read_registers(session->source, u->tid, session->machine, &u->registers);

	if (r < 0)
		return error_set(err, r, "cannot read registers: %s", strerror(-r));
	r = session->dw->dwfl_getthread_frames(session->dwfl, u->tid, take_frame, u);
	if (u->unreadable != UNKNOWN && !raw->why[0])
		snprintf(raw->why, sizeof(raw->why),
			 "its caller would be kept at %" PRIx64 ", which cannot be read", u->unreadable);
	raw->is_cut = r != 0 || raw->why[0];
	return raw->n > 0 ? 0 : error_set(err, -EIO, "%s", session->dw->dwfl_errmsg(-1));
}

int unwind(struct libdw_session *session, int32_t tid, struct raw_frames *ret, struct error *err)
{
	static const Dwfl_Thread_Callbacks callbacks = {
		.next_thread = next_thread,
		.memory_read = read_memory,
		.set_initial_registers = set_registers,
	};
	struct unwinder u = { .session = session, .tid = tid, .raw = ret, .unreadable = UNKNOWN };

	*ret = (struct raw_frames){ 0 };
	if (!session->dw->dwfl_attach_state(session->dwfl, session->exe, session->source->pid, &callbacks,
					    &u))
		return error_set(err, -ENOTSUP, "%s", session->dw->dwfl_errmsg(-1));
	return source_hold_thread(session->source, tid, take_frames, &u, err);
}
