/* SPDX-License-Identifier: MIT */
/*
 * What is at the addresses that the user asks about: the symbol, from the module's file or its
 * separate debug file, and the state of the page.
 */
#pragma once

#include "model/space.h"
#include "source/source.h"

/*
 * Adds a lookup to the answers for each query: "0x7f00" or "7f00a" (hexadecimal), "4096"
 * (hexadecimal if that is mapped, else decimal), "SYMBOL" of the first module that has it,
 * "MODULE:SYMBOL", "MODULE:0x9ab" (an address of the module's file); each optionally with "+OFFSET"
 * after it. Adds a note for each query that is not found.
 */
void read_lookups(struct source *source, const struct space *space, const struct request *request,
		  struct answers *answers);
