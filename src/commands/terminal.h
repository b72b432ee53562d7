/* SPDX-License-Identifier: MIT */
/*
 * The terminal on standard output, if there is one.
 */
#pragma once

#include <stdbool.h>
#include <sys/ioctl.h>

/* Whether $TERM names a terminal with colours and cursor movement. */
bool terminal_is_capable(void);

/* Rows and columns; 24 and 80 if the terminal does not say. */
struct winsize terminal_size(void);
