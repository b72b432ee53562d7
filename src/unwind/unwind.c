/* SPDX-License-Identifier: MIT */
#include "unwind/unwind.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "elf/registers.h"

/* A stack that leads back into itself would never end. */
#define FRAMES_MAX 1000000

#define BLOCK_SIZE 4096

struct unwinder {
	struct libdw_session *session;
	int32_t tid;
	struct registers registers;
	struct raw_frames *raw;
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

static bool is_code(const struct space *space, uint64_t address)
{
	size_t i = facts_find_mapping(&space->facts, address);

	return i < space->facts.n_mappings && space->facts.mappings[i].start <= address &&
	       (space->facts.mappings[i].perms & PERM_X);
}

/* If libdw has only frame pointers to go by, what it finds may be nonsense. */
static bool is_plausible(struct unwinder *u, const struct raw_frame *frame)
{
	struct raw_frames *raw = u->raw;
	const struct raw_frame *callee = raw->n > 0 ? &raw->frames[raw->n - 1] : NULL;

	if (callee && !is_code(u->session->space, frame->pc))
		snprintf(raw->why, sizeof(raw->why), "it would return to %" PRIx64 ", which is not code",
			 frame->pc);
	else if (callee && frame->pc == callee->pc && frame->sp == callee->sp)
		snprintf(raw->why, sizeof(raw->why), "it would be its own caller");
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
