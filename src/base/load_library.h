/* SPDX-License-Identifier: MIT */
/*
 * Loads shared libraries when they are first needed: most runs need none of them, each would slow
 * down the start of every run, and memmap is useful without any.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A function to look up in a library, and the address of the function pointer to set. */
struct library_function {
	const char *name;
	void *pointer;
};

/*
 * Loads a library and looks up its functions. False: it cannot be loaded or lacks one of the
 * functions, and none of the pointers may be used. The library stays loaded until the program ends,
 * since it may have threads and buffers of its own.
 */
bool library_load(const char *soname, const struct library_function *functions, size_t n);

/*
 * Why the last library_load() failed to load its library, in words; NULL: the library is not
 * installed, or another version of it is.
 */
const char *library_failure(void);

/*
 * Tells packaging tools about a library that a source file loads on demand:
 * https://systemd.io/ELF_DLOPEN_METADATA/. Use it once in that file, with string literals.
 */
#define LIBRARY_NOTE(soname, feature, description)                                                \
	__attribute__((used, section(".note.dlopen"), aligned(4))) static const struct {          \
		uint32_t namesz, descsz, type;                                                    \
		char name[4];                                                                     \
		char desc[(sizeof(LIBRARY_NOTE_TEXT(soname, feature, description)) + 3) / 4 * 4]; \
	} library_note = { 4, sizeof(library_note.desc), 0x407c0c0a, "FDO",                       \
			   LIBRARY_NOTE_TEXT(soname, feature, description) }

#define LIBRARY_NOTE_TEXT(soname, feature, description)                      \
	"[{\"feature\":\"" feature "\",\"description\":\"" description "\"," \
	"\"priority\":\"recommended\",\"soname\":[\"" soname "\"]}]"
