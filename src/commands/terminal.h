/* SPDX-License-Identifier: MIT */
/*
 * The terminal that standard output may be.
 */
#pragma once

#include <stdbool.h>
#include <sys/ioctl.h>

/* Whether $TERM stands for one that knows colours and moves of the cursor. */
bool terminal_is_capable(void);

/* Rows and columns: 24 and 80 where it does not say. */
struct winsize terminal_size(void);
