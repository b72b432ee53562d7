/* SPDX-License-Identifier: MIT */
/*
 * The machines that ELF files are made for, by the number in their headers (e_machine).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MACHINE_NAME_MAX 24

/* Its name, or "machine N" for one without; at most MACHINE_NAME_MAX characters with the NUL. */
void machine_name(char *buf, unsigned number);

/* The number of that name, the inverse of machine_name(). False: there is none. */
bool machine_find(const char *name, unsigned *ret);

/*
 * The size of the smallest pages that Linux has there, in bytes. Many machines can have larger
 * ones, and a file does not say of which size those will be that it is run with.
 */
uint64_t machine_page_size(unsigned number);
