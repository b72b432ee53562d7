/* SPDX-License-Identifier: MIT */
/*
 * Code that the programs under inspection share. Each sets something up, prints READY, and stays
 * as it is until its standard input is closed or it is killed.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void ready(void)
{
	puts("READY");
	fflush(stdout);
}

static inline void wait_for_end(void)
{
	char c;

	while (read(STDIN_FILENO, &c, 1) > 0)
		;
}

/* Ends the program, and so the test, if a step of its set-up has failed. */
static inline void require(int condition, const char *what)
{
	if (condition)
		return;
	perror(what);
	exit(1);
}
