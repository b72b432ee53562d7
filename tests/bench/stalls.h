/* SPDX-License-Identifier: MIT */
/*
 * How being read slows a process down: one of its threads maps a page, writes to it and unmaps it
 * again in an endless loop, and times each round.
 */
#pragma once

/*
 * Starts the thread and prints READY. From then on each line on standard input ends a window and
 * begins the next. The answer is a line about the window: the number of rounds; their median, 99th
 * percentile and maximum in nanoseconds; and the total time of all rounds, and of those above a
 * millisecond, which are rare. Returns when standard input is closed.
 */
void measure_stalls(void);
