/* SPDX-License-Identifier: MIT */
/*
 * Attributes and small macros that every file may use.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A number that could not be read. It prints as "-" and is null in JSON, never 0. */
#define UNKNOWN UINT64_MAX

/* The sum of two known numbers: the largest known one if it does not fit, as with figures that are forged. */
static inline uint64_t known_sum(uint64_t a, uint64_t b)
{
	return b > UNKNOWN - 1 - a ? UNKNOWN - 1 : a + b;
}

static inline uint64_t known_or_zero(uint64_t value)
{
	return value == UNKNOWN ? 0 : value;
}

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

#define _must_check_ __attribute__((warn_unused_result))
#define _printf_(fmt, args) __attribute__((format(printf, fmt, args)))
#define _always_inline_ __attribute__((always_inline))
#define _pure_ __attribute__((pure))
#define _unused_ __attribute__((unused))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/* For locals that are released when they go out of scope. */
#define _cleanup_(f) __attribute__((cleanup(f)))

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_fclose(FILE **file)
{
	if (*file)
		fclose(*file);
}

#define _cleanup_free_ _cleanup_(cleanup_free)
#define _cleanup_close_ _cleanup_(cleanup_close)
#define _cleanup_fclose_ _cleanup_(cleanup_fclose)

/* The page size of our own system; a target recorded elsewhere has its own in facts.page_size. */
static inline uint64_t system_page_size(void)
{
	return (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Whether Linux has pages of this size on some machine. */
static inline bool is_page_size(uint64_t size)
{
	return size >= UINT64_C(1) << 12 && size <= UINT64_C(1) << 20 && (size & (size - 1)) == 0;
}

/* The page boundary at or below an address, and the one at or above it. */
static inline uint64_t page_floor(uint64_t addr, uint64_t page_size)
{
	return addr & ~(page_size - 1);
}

static inline uint64_t page_ceil(uint64_t addr, uint64_t page_size)
{
	return page_floor(addr + page_size - 1, page_size);
}

/* Reads a number of `width` bytes, at most eight, in the byte order of another machine. */
static inline uint64_t bytes_number(const unsigned char *bytes, size_t width, bool is_big_endian)
{
	uint64_t number = 0;

	for (size_t i = 0; i < width; i++)
		number = number << 8 | bytes[is_big_endian ? i : width - 1 - i];
	return number;
}

/* Takes what a cleanup local holds, and clears the local. */
static inline char *steal_text(char **text)
{
	char *stolen = *text;

	*text = NULL;
	return stolen;
}

static inline int steal_fd(int *fd)
{
	int stolen = *fd;

	*fd = -1;
	return stolen;
}
