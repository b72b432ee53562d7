/* SPDX-License-Identifier: MIT */
#include "elf/readable_name.h"

#include <stdlib.h>
#include <string.h>

#include "base/digits.h"
#include "base/mem.h"
#include "elf/demangle.h"

/*
 * A word that the mangled name must have, too: demangling all names would take seconds. "" if no
 * word is sure to be there: operators and lambdas are abbreviated, and so are some classes of std.
 * The caller frees it.
 */
static char *word_of(const char *name)
{
	size_t end = strcspn(name, "(<[");
	size_t start = end;

	if (strchr(name, '{') || strstr(name, "operator") || strstr(name, "std::"))
		return mem_copy("", 0);
	while (start > 0 && (is_letter_or_digit(name[start - 1]) || name[start - 1] == '_'))
		start--;
	return mem_copy(name + start, end - start);
}

static bool is_called(const struct symbol *symbol, const char *name)
{
	_cleanup_free_ char *readable = demangle(symbol->name);
	size_t len = strlen(name);

	/* A clone may be only a part of a function, and not its beginning. */
	if (!readable || strncmp(readable, name, len) != 0 || strstr(readable, " [clone "))
		return false;
	return !readable[len] || readable[len] == '(' || readable[len] == '[';
}

const struct symbol *symbols_readable(const struct symbols *table, const char *name)
{
	_cleanup_free_ char *word = word_of(name);
	const struct symbol *local = NULL;

	for (size_t i = 0; i < table->n; i++) {
		const struct symbol *symbol = &table->items[i];

		if ((local && symbol->binding == SYMBOL_LOCAL) || !strstr(symbol->name, word) ||
		    !is_called(symbol, name))
			continue;
		if (symbol->binding != SYMBOL_LOCAL)
			return symbol;
		local = symbol;
	}
	return local;
}
