/* SPDX-License-Identifier: MIT */
/*
 * FNV-1a, for finding what is probably equal, and a mixer of bits for tables of numbers. Do not rely on FNV-1a
 * if an attacker chooses what is hashed.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define HASH_START UINT64_C(0xcbf29ce484222325)
#define HASH_FACTOR UINT64_C(0x100000001b3)

static inline uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t len)
{
	const unsigned char *byte = bytes;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ byte[i]) * HASH_FACTOR;
	return hash;
}

/*
 * Spreads a number over all 64 bits (the finalizer of SplitMix64). Where an attacker chooses the number, combine it
 * with a secret one first.
 */
static inline uint64_t hash_mix(uint64_t number)
{
	number = (number ^ number >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	number = (number ^ number >> 27) * UINT64_C(0x94d049bb133111eb);
	return number ^ number >> 31;
}

/* Hashes what an attacker chooses: `seed` is a secret number. */
static inline uint64_t hash_secretly(uint64_t seed, const void *bytes, size_t len)
{
	const char *p = bytes;
	uint64_t hash = seed ^ len;

	for (size_t n; len > 0; len -= n, p += n) {
		uint64_t word = 0;

		n = len < sizeof(word) ? len : sizeof(word);
		memcpy(&word, p, n);
		hash = hash_mix(hash ^ word);
	}
	return hash;
}

static inline uint64_t hash_number(uint64_t hash, uint64_t number)
{
	return hash_bytes(hash, &number, sizeof(number));
}
