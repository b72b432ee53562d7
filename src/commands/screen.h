/* SPDX-License-Identifier: MIT */
/*
 * What is shown in place, round after round, in a terminal: each picture is one write, from the top left, and only
 * what it leaves over is erased. What was on the screen before has gone up, to where a terminal keeps it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Whether standard output is a terminal that can do that. */
bool screen_is_there(void);

/* Makes room: to be called once, before the first picture. */
void screen_open(void);

/*
 * Shows the lines of a text, as many as there is room for, each as far as there is room for it. The cursor is below
 * them. 0, or a negative errno.
 */
int screen_show(const char *text, size_t len);
