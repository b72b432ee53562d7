/* SPDX-License-Identifier: MIT */
/*
 * Threads that hold a lock for a while as they start and as they end, as they do in allocators of
 * sanitizers. The lock would never be released in a child that is forked meanwhile.
 */
#pragma once

#include <stdbool.h>

/* From now on, pthread_create(3) starts only such threads. */
void make_threads_slow(void);

bool is_lock_held(void);
