/* SPDX-License-Identifier: MIT */
/*
 * Unwinds a thread's stack: its registers and the unwind tables of its modules give the caller's
 * registers, and so on. The thread is stopped meanwhile.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "unwind/session.h"

struct raw_frame {
	uint64_t pc, sp; /* sp: UNKNOWN if it is not available */
	bool is_return;	 /* pc is where a call returns to: the call is before it */
};

struct raw_frames {
	struct raw_frame *frames; /* innermost first; at least one */
	size_t n, cap;
	bool is_cut;   /* the frames end before the outermost call */
	char why[128]; /* the reason, in words; "" if libdw found no caller and gave no reason */
};

/* 0, and the caller frees ret->frames; or a negative errno. */
int unwind(struct libdw_session *session, int32_t tid, struct raw_frames *ret, struct error *err);
