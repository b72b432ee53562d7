/* SPDX-License-Identifier: MIT */
/* Vtables as C++ compilers make them, for programs in C: an object begins with the address of its `functions`. */
#pragma once

#include <stddef.h>

struct type_info {
	const void *vtable;
	const char *name;
};

struct vtable {
	long to_top;
	const struct type_info *type;
	void (*functions[2])(void);
};
