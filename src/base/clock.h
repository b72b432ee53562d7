/* SPDX-License-Identifier: MIT */
/* The time of a clock (clock_gettime(2)) as one number. */
#pragma once

#include <stdint.h>
#include <time.h>

/* In nanoseconds; 0 if the clock is not there any more, such as that of a thread that has ended. */
static inline uint64_t clock_ns(clockid_t clock)
{
	struct timespec t = { 0 };

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* The reverse of clock_ns(). */
static inline struct timespec clock_time(uint64_t ns)
{
	return (struct timespec){ .tv_sec = (time_t)(ns / 1000000000), .tv_nsec = (long)(ns % 1000000000) };
}

static inline uint64_t clock_ms(clockid_t clock)
{
	return clock_ns(clock) / 1000000;
}
