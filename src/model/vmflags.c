/* SPDX-License-Identifier: MIT */
#include "model/vmflags.h"

#include <string.h>

#include "base/mem.h"
#include "base/util.h"

static const struct {
	char code[3];
	const char *word;
} vmflags[] = {
	{ "rd", "read" },
	{ "wr", "write" },
	{ "ex", "execute" },
	{ "sh", "shared" },
	{ "mr", "may-read" },
	{ "mw", "may-write" },
	{ "me", "may-execute" },
	{ "ms", "may-share" },
	{ "gd", "grows-down" },
	{ "pf", "pfn-map" },
	{ "dw", "deny-write" },
	{ "lo", "locked" },
	{ "lf", "lock-on-fault" },
	{ "io", "io" },
	{ "sr", "sequential" },
	{ "rr", "random" },
	{ "dc", "no-fork" },
	{ "de", "no-expand" },
	{ "ac", "accounted" },
	{ "nr", "no-reserve" },
	{ "ht", "hugetlb" },
	{ "sf", "synchronous-fault" },
	{ "ar", "architecture" },
	{ "wf", "wipe-on-fork" },
	{ "dd", "no-dump" },
	{ "bt", "bti" },
	{ "sd", "soft-dirty" },
	{ "mm", "mixed-map" },
	{ "hg", "huge-pages" },
	{ "nh", "no-huge-pages" },
	{ "mg", "mergeable" },
	{ "um", "userfault-missing" },
	{ "uw", "userfault-write" },
	{ "ui", "userfault-minor" },
	{ "mt", "memory-tagging" },
	{ "ss", "shadow-stack" },
	{ "sl", "sealed" },
	{ "dp", "droppable" },
	{ "gu", "may-have-guards" },
	{ "nl", "non-linear" },
	{ "mp", "mpx" },
};

#define LONGEST_WORD 20

static const char *find_word(const char *code)
{
	for (size_t i = 0; i < ARRAY_SIZE(vmflags); i++)
		if (memcmp(vmflags[i].code, code, 2) == 0)
			return vmflags[i].word;
	return NULL;
}

char *vmflags_words(const char *codes, size_t len)
{
	/* Each word comes from at least three bytes of codes. */
	char *words = mem_alloc((len / 3 + 1) * LONGEST_WORD + len + 1);
	char *p = words;

	for (size_t i = 0, n; i < len; i += n + 1) {
		const char *blank = memchr(codes + i, ' ', len - i);
		const char *word;

		n = blank ? (size_t)(blank - codes) - i : len - i;
		if (n == 0)
			continue;
		if (p > words)
			*p++ = ',';
		word = n == 2 ? find_word(codes + i) : NULL;
		p = word ? stpcpy(p, word) : mempcpy(p, codes + i, n);
	}
	*p = '\0';
	return words;
}
