/* SPDX-License-Identifier: MIT */
/*
 * Reads a target, and gives up a process that does not answer. At any moment a process can begin to
 * execute a program, or to use a file or memory, in such a way that the kernel does not let its reader
 * go before another program acts; and no signal but a fatal one ends that.
 */
#pragma once

#include "commands/read_target.h"

/*
 * Goes on with the run after a process could not be read (-ETIMEDOUT). Another thread calls it, and it must
 * not return. `err` is valid as long as it runs.
 */
struct successor {
	void (*go_on)(void *context, const struct error *err);
	void *context;
};

/*
 * As read_target(), but the name of the user is found, too. If the process does not answer, this does not
 * return, so what the caller has on its stack stays: the successor goes on instead.
 */
int read_guarded(const struct read_settings *settings, const struct target *target,
		 const struct successor *successor, struct space *space, struct error *err);
