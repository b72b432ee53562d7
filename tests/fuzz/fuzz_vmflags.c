/* SPDX-License-Identifier: MIT */
/* The input is the value of VmFlags in smaps. */
#include <string.h>

#include "base/mem.h"
#include "fuzz.h"
#include "model/vmflags.h"

static size_t count_codes(const char *codes, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += codes[i] != ' ' && (i == 0 || codes[i - 1] == ' ');
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *words = vmflags_words((const char *)data, size);
	size_t n_commas = 0;

	/* The kernel writes only letters; a recording may hold a comma or a NUL, which are not counted. */
	if (memchr(data, ',', size) || memchr(data, '\0', size))
		return 0;
	for (const char *p = words; (p = strchr(p, ',')); p++)
		n_commas++;
	require((words[0] ? n_commas + 1 : 0) == count_codes((const char *)data, size));
	require(!strstr(words, ",,"));
	return 0;
}
