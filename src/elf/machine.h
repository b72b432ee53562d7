/* SPDX-License-Identifier: MIT */
/*
 * The machines that ELF files are made for, by the number in their headers (e_machine).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MACHINE_NAME_MAX 24

/* The name of a machine, or "machine N" if it has none; at most MACHINE_NAME_MAX characters with the NUL. */
void machine_name(char *buf, unsigned number);

/* The number for a name, the inverse of machine_name(). False: there is none. */
bool machine_find(const char *name, unsigned *ret);

/*
 * The smallest page size of Linux on a machine, in bytes. Many machines can have larger pages, and
 * a file does not say which size it will run with.
 */
uint64_t machine_page_size(unsigned number);
