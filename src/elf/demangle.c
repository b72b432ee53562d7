/* SPDX-License-Identifier: MIT */
#include "elf/demangle.h"

#include "base/util.h"
#include "config.h"

#ifdef HAVE_DEMANGLE

#include <libiberty/demangle.h>
#include <setjmp.h>
#include <string.h>

#include "base/mem.h"

/* A short name may expand to many gigabytes, by repeating its parts again and again. */
#define OUTPUT_MAX (64 << 10)

struct output {
	char *text;
	size_t len, cap;
	jmp_buf too_long;
};

/* longjmp() is the only way to stop libiberty; it holds no allocated memory while it prints. */
static void append(const char *text, size_t len, void *opaque)
{
	struct output *output = opaque;

	if (len == 0)
		return;
	if (len > OUTPUT_MAX - output->len)
		longjmp(output->too_long, 1);
	while (output->cap - output->len < len) {
		output->cap = output->cap ? output->cap * 2 : 256;
		output->text = mem_realloc(output->text, output->cap, 1);
	}
	memcpy(output->text + output->len, text, len);
	output->len += len;
}

/* Rust first: its older names are C++ names with a hash as the last part. */
static bool print(const char *name, struct output *output)
{
	int options = DMGL_PARAMS | DMGL_ANSI;

	if (setjmp(output->too_long))
		return false;
	return rust_demangle_callback(name, options, append, output) ||
	       cplus_demangle_v3_callback(name, options, append, output);
}

char *demangle(const char *name)
{
	size_t len = strcspn(name, "@");
	_cleanup_free_ char *unversioned = mem_copy(name, len);
	struct output output = { 0 };

	if (!print(unversioned, &output) || output.len == 0) {
		free(output.text);
		return NULL;
	}
	/* The version and the NUL do not count against the limit. */
	output.text = mem_realloc(output.text, output.len + strlen(name + len) + 1, 1);
	strcpy(output.text + output.len, name + len);
	return output.text;
}

bool can_demangle(void)
{
	return true;
}

#else

bool can_demangle(void)
{
	return false;
}

char *demangle(const char *name _unused_)
{
	return NULL;
}

#endif
