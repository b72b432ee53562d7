/* SPDX-License-Identifier: MIT */
/*
 * Shared libraries that are loaded when they are first needed: most runs need none of them, each
 * would add to the start-up time of every run, and memmap is of use without any.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A function that is wanted of a library, and the pointer to a function that is to call it. */
struct library_function {
	const char *name;
	void *pointer;
};

/*
 * Loads the library and finds its functions. False, and no pointer is to be used, when it is not
 * installed or lacks one of them. It stays loaded to the end of the program, since libraries
 * keep threads and buffers of their own, which would be lost with them.
 */
bool library_load(const char *soname, const struct library_function *functions, size_t n);

/*
 * Why the library that was asked for last could not be loaded, in words; NULL: it is not installed, or another
 * version is.
 */
const char *library_failure(void);

/*
 * Tells packagers' tools of a library that a source file loads on demand:
 * https://systemd.io/ELF_DLOPEN_METADATA/. Once in that file, with string literals.
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
