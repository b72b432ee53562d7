/* SPDX-License-Identifier: MIT */
/*
 * What a process notices of being read: a thread of it maps a page, writes to it and unmaps it
 * again, without end, and each time is counted.
 */
#pragma once

/*
 * Starts the thread and says READY. From then on each line on standard input ends a window and
 * begins the next; it is answered by a line on what was in between: how often the thread came
 * round; the median, the 99th percentile and the longest of its rounds in nanoseconds; and how
 * long all of them took, and those above a millisecond, of which there are few.
 * Returns when standard input is closed.
 */
void measure_stalls(void);
