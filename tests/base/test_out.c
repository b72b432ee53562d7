/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/out.h"
#include "base/util.h"

Test(out, more_than_the_buffer_holds)
{
	static struct out out;
	static char text[3 * sizeof(out.buf) + 7];
	_cleanup_free_ char *got = NULL;
	size_t len;
	FILE *file = open_memstream(&got, &len);

	memset(text, 'a', sizeof(text));
	out_init(&out, file);
	out_char(&out, '<');
	out_write(&out, text, sizeof(text));
	out_fill(&out, 'b', sizeof(text));
	out_char(&out, '>');
	cr_assert_eq(out_flush(&out), 0);
	fclose(file);
	cr_assert_eq(len, 2 * sizeof(text) + 2);
	cr_assert_eq(got[0], '<');
	cr_assert_eq(memcmp(got + 1, text, sizeof(text)), 0);
	cr_assert_eq(got[1 + sizeof(text)], 'b');
	cr_assert_eq(got[len - 2], 'b');
	cr_assert_eq(got[len - 1], '>');
}

Test(out, small_pieces_across_the_end_of_the_buffer)
{
	static struct out out;
	static const char piece[OUT_SHORT + 1] = "piece, and what follows.";
	_cleanup_free_ char *got = NULL;
	_cleanup_free_ char *expected = NULL;
	size_t len, expected_len;
	FILE *file = open_memstream(&got, &len);
	FILE *reference = open_memstream(&expected, &expected_len);

	out_init(&out, file);
	for (uint64_t i = 0; i < sizeof(out.buf); i++) {
		out_dec(&out, i * i * i);
		out_fill(&out, ' ', (size_t)(i % 30));
		out_write_short(&out, piece, (size_t)(i % (OUT_SHORT + 1)));
		out_char(&out, '\n');
		fprintf(reference, "%" PRIu64 "%*s%.*s\n", i * i * i, (int)(i % 30), "",
			(int)(i % (OUT_SHORT + 1)), piece);
	}
	cr_assert_eq(out_flush(&out), 0);
	fclose(file);
	fclose(reference);
	cr_assert_eq(len, expected_len);
	cr_assert_eq(memcmp(got, expected, len), 0);
}

Test(out, a_full_disk_is_an_error)
{
	static struct out out;
	FILE *file = fopen("/dev/full", "w");

	cr_assert_not_null(file);
	out_init(&out, file);
	out_fill(&out, 'a', 3 * sizeof(out.buf));
	cr_assert_eq(out_flush(&out), -ENOSPC);
	cr_assert_eq(out_flush(&out), -ENOSPC, "it is not forgotten");
	fclose(file);
}
