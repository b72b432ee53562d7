/* SPDX-License-Identifier: MIT */
/* The smallest shared library with all the segments of a real one: text, constants, relro, data, BSS. */
#include <stdint.h>

extern int tiny_bss[3000];
extern uintptr_t tiny_data[600];
extern const uintptr_t *const tiny_relro[2];
uintptr_t tiny_text(void);

int tiny_bss[3000];
uintptr_t tiny_data[600] = { 1 };
const uintptr_t *const tiny_relro[2] = { tiny_data, tiny_data + 1 };

uintptr_t tiny_text(void)
{
	return *tiny_relro[0] + (uintptr_t)tiny_bss[1];
}
