/* SPDX-License-Identifier: MIT */
/*
 * Watches a thread that the kernel may hold up for ever, where no signal but a fatal one reaches it. If
 * that happens, another thread goes on in its place, and the first never runs again.
 */
#pragma once

/*
 * Goes on in place of the thread that is stuck, with its signal mask. Must not return. May use all that
 * the thread used, as long as the thread holds no lock in a call that may wait.
 */
typedef void watchdog_fn(void *context);

struct watchdog;

/*
 * From now on, once the calling thread has used no CPU time for `limit_ms` in all, another thread calls
 * go_on(context). Only what takes a few tenths of a second counts as waiting, and not while we are
 * stopped ourselves. One thread at a time is watched, and it may not begin twice. fork(2) waits until the
 * other thread has started. Returns what watchdog_end() takes; NULL if no thread can be started: then nobody
 * watches.
 */
struct watchdog *watchdog_begin(int limit_ms, watchdog_fn *go_on, void *context);

/*
 * Ends the watch. Returns for how long the thread has waited, in milliseconds; does not return if
 * another thread already goes on.
 */
int watchdog_end(struct watchdog *watchdog);
