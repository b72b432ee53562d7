/* SPDX-License-Identifier: MIT */
/*
 * The input is an ELF file, with or without section headers, versions and .gnu_debugdata. Its symbols
 * are looked up at and around their addresses, and each answer is compared with that of a search
 * through all of them.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/util.h"
#include "elf/symbols.h"
#include "fuzz.h"

#define SEARCHED_MAX 200

static const struct symbol *search(const struct symbols *table, uint64_t addr)
{
	const struct symbol *best = NULL;

	for (size_t i = 0; i < table->n; i++)
		if (table->items[i].value <= addr && addr < table->items[i].end)
			best = &table->items[i];
	return best;
}

static void require_order(const struct symbols *table)
{
	for (size_t i = 0; i < table->n; i++) {
		const struct symbol *s = &table->items[i];

		require(i == 0 || s[-1].value <= s->value);
		require(s->value <= s->end && (s->size == 0 || s->end - s->value <= s->size));
		require(s->name[0] && (s->outer == NO_SYMBOL || s->outer < i));
	}
}

static void require_lookups(const struct symbols *table)
{
	for (size_t i = 0; i < table->n; i++) {
		const struct symbol *s = &table->items[i];
		const struct symbol *named = symbols_named(table, s->name);
		const uint64_t addrs[] = { s->value - 1, s->value, s->end - 1, s->end };

		require(named && strncmp(named->name, s->name, strlen(s->name)) == 0);
		require(named->binding != SYMBOL_LOCAL || s->binding == SYMBOL_LOCAL);
		require(!named->is_old || s->is_old || named->binding != SYMBOL_LOCAL);
		for (size_t k = 0; k < ARRAY_SIZE(addrs); k++)
			require(symbols_at(table, addrs[k]) == search(table, addrs[k]));
	}
}

static void check(struct symbols *table)
{
	require_order(table);
	if (table->n <= SEARCHED_MAX)
		require_lookups(table);
	symbols_free(table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct symbols *table = NULL;
	int fd = memfd_create("symbols", MFD_CLOEXEC);

	if (symbols_parse(data, size, &table) == 0)
		check(table);
	require(write(fd, data, size) == (ssize_t)size);
	table = NULL;
	if (symbols_read(fd, DEBUGDATA_SIZE_MAX, &table) == 0)
		check(table);
	table = NULL;
	if (symbols_read_full(fd, -1, &table) == 0) {
		require(table->is_full);
		check(table);
	}
	close(fd);
	return 0;
}
