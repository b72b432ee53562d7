/* SPDX-License-Identifier: MIT */
/*
 * Redraws a picture in place in a terminal. Each picture is one write from the top left, and erases
 * only what it does not cover. What was on the screen before has scrolled up into the terminal's
 * history.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Whether standard output is a terminal that supports this. */
bool screen_is_there(void);

/* Scrolls the old contents away; call it once, before the first picture. */
void screen_open(void);

/*
 * Shows as many lines of a text as fit, each cut off at the right edge, and leaves the cursor below
 * them. 0, or a negative errno.
 */
int screen_show(const char *text, size_t len);
