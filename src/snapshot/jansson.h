/* SPDX-License-Identifier: MIT */
/*
 * The functions that are used from jansson, which parses JSON. The library is loaded only to read a
 * snapshot.
 */
#pragma once

/* base/json.h, which writes JSON, has a function of this name. */
#define json_null jansson_null
#include <jansson.h>
#undef json_null

#define JANSSON_FUNCTIONS(F)      \
	F(json_array_get)         \
	F(json_array_size)        \
	F(json_delete)            \
	F(json_integer_value)     \
	F(json_loadb)             \
	F(json_object_get)        \
	F(json_object_iter)       \
	F(json_object_iter_key)   \
	F(json_object_iter_next)  \
	F(json_object_iter_value) \
	F(json_string_length)     \
	F(json_string_value)

#define JANSSON_MEMBER(function) __typeof__(&function) function;

struct jansson {
	JANSSON_FUNCTIONS(JANSSON_MEMBER)
};

#define JANSSON_SONAME "libjansson.so.4"

/* NULL if it is not installed. */
const struct jansson *jansson_load(void);
