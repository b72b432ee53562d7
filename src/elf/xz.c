/* SPDX-License-Identifier: MIT */
#include "elf/xz.h"

#include <errno.h>

#include "base/load_library.h"
#include "base/mem.h"
#include "config.h"

#ifdef HAVE_LZMA

#include <lzma.h>
#include <stdlib.h>

#define SONAME "liblzma.so.5"
#define MEMORY_MAX (UINT64_C(96) << 20) /* xz -9 takes 65 MiB */
#define FIRST_SIZE ((size_t)64 << 10)

LIBRARY_NOTE(SONAME, "lzma", "Function names in .gnu_debugdata");

struct liblzma {
	__typeof__(&lzma_stream_decoder) decoder;
	__typeof__(&lzma_code) code;
	__typeof__(&lzma_end) end;
};

static bool load(struct liblzma *lib)
{
	const struct library_function functions[] = {
		{ "lzma_stream_decoder", &lib->decoder },
		{ "lzma_code", &lib->code },
		{ "lzma_end", &lib->end },
	};

	return library_load(SONAME, functions, ARRAY_SIZE(functions));
}

static int explain(lzma_ret r)
{
	switch (r) {
	case LZMA_STREAM_END:
		return 0;
	case LZMA_MEMLIMIT_ERROR:
		return -EFBIG;
	case LZMA_MEM_ERROR:
		mem_exhausted();
	default:
		return -EBADMSG;
	}
}

/* Decodes into a buffer that grows up to `max` bytes. */
static int decode(const struct liblzma *lib, lzma_stream *stream, size_t max, char **ret, size_t *ret_len)
{
	size_t size = MIN(FIRST_SIZE, max);
	size_t len = 0;
	char *out = mem_array(size, 1);
	lzma_ret r;

	do {
		if (len == size) {
			size = MIN(size * 2, max);
			out = mem_realloc(out, size, 1);
		}
		stream->next_out = (uint8_t *)out + len;
		stream->avail_out = size - len;
		r = lib->code(stream, LZMA_FINISH);
		len = size - stream->avail_out;
	} while (r == LZMA_OK && len < max);
	*ret = out;
	*ret_len = len;
	return r == LZMA_OK ? -EFBIG : explain(r);
}

int xz_decode(const void *bytes, size_t len, size_t max, char **ret, size_t *ret_len)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	_cleanup_free_ char *out = NULL;
	struct liblzma lib;
	int r;

	if (!load(&lib))
		return library_failure() ? -ELIBACC : -ENOSYS;
	if (lib.decoder(&stream, MEMORY_MAX, 0) != LZMA_OK)
		mem_exhausted();
	stream.next_in = bytes;
	stream.avail_in = len;
	r = decode(&lib, &stream, max, &out, ret_len);
	lib.end(&stream);
	if (r == 0)
		*ret = steal_text(&out);
	return r;
}

#else

int xz_decode(const void *bytes _unused_, size_t len _unused_, size_t max _unused_, char **ret _unused_,
	      size_t *ret_len _unused_)
{
	return -ENOSYS;
}

#endif
