/* SPDX-License-Identifier: MIT */
/*
 * Threads that take a while to start and to end. Allocators of sanitizers hold a lock meanwhile, which is
 * never released in a child that is forked then.
 */
#pragma once

/* From now on, pthread_create(3) starts only such threads. */
void make_threads_slow(void);

/* How many of them are still about to start; and how many have not ended. */
int n_threads_starting(void);
int n_threads_left(void);
