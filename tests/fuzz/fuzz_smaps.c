/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "proc/parse_smaps.h"

static void require_consistent(const struct facts *facts)
{
	for (size_t i = 0; i < facts->usage.n_rows; i++)
		for (enum counter f = 0; f < N_COUNTERS; f++)
			usage_counter(&facts->usage, usage_row(&facts->usage, i), f);
}

/* The parser gets the text in two pieces, as from the kernel. */
static void read_as(const char *text, size_t len, enum overlap overlap, uint64_t wanted)
{
	struct smaps_parser *parser;
	struct facts facts;
	struct error err;
	size_t half = 0;
	size_t used = 0;
	int r;

	facts_init(&facts);
	usage_init(&facts.usage, wanted, wanted == 0);
	parser = smaps_parser_new(&facts, overlap);
	r = smaps_parser_feed(parser, text, len / 2, &half, &err);
	require(half <= len / 2);
	if (r == 0) {
		r = smaps_parser_feed(parser, text + half, len - half, &used, &err);
		require(used <= len - half);
	}
	smaps_parser_free(parser);
	require(r < 0 || facts.usage.n_rows == facts.n_mappings);
	require_consistent(&facts);
	facts_done(&facts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_as((const char *)data, size, OVERLAP_REFUSE,
		COUNTER_BIT(COUNTER_RSS) | COUNTER_BIT(COUNTER_SWAP));
	read_as((const char *)data, size, OVERLAP_SETTLE, 0);
	return 0;
}
