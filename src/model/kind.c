/* SPDX-License-Identifier: MIT */
#include "model/kind.h"

#include <string.h>
#include <strings.h>

/* Legible on black and on white, unlike yellow. Related kinds share a colour, underlined or not. */
#define RED "31"
#define GREEN "32"
#define BROWN "33"
#define BLUE "34;1"
#define MAGENTA "35"
#define CYAN "36"
#define GREY "90"
#define UNDERLINED(colour) colour ";4"
#define REVERSED(colour) colour ";7"

#define NAMED(name) name, sizeof(name) - 1

const struct kind_info kinds[N_KINDS] = {
	[KIND_TEXT] = { NAMED("text"), GREEN, "machine code of an ELF module" },
	[KIND_RODATA] = { NAMED("rodata"), CYAN, "its read-only data: constants, headers, tables" },
	[KIND_RELRO] = { NAMED("relro"), UNDERLINED(CYAN), "its data that is made read-only once relocated" },
	[KIND_DATA] = { NAMED("data"), MAGENTA, "its initialised writable data" },
	[KIND_BSS] = { NAMED("bss"), UNDERLINED(MAGENTA), "its zero-initialised writable data" },
	[KIND_HEAP] = { NAMED("heap"), RED, "the brk heap, and recognised malloc arenas" },
	[KIND_STACK] = { NAMED("stack"), BLUE, "the main thread's stack, and each thread's" },
	[KIND_GUARD] = { NAMED("guard"), REVERSED(GREY), "inaccessible pages that protect a neighbour" },
	[KIND_ANON] = { NAMED("anon"), NULL, "other private anonymous memory" },
	[KIND_JIT] = { NAMED("jit"), REVERSED(RED), "executable memory that comes from no file" },
	[KIND_SHM] = { NAMED("shm"), UNDERLINED(BLUE),
		       "shared memory: anonymous, memfd, System V, /dev/shm" },
	[KIND_FILE] = { NAMED("file"), NULL, "a file mapped as plain data" },
	[KIND_DEVICE] = { NAMED("device"), BROWN, "memory of a device or driver" },
	[KIND_VDSO] = { NAMED("vdso"), UNDERLINED(GREEN), "what the kernel maps into every process" },
	[KIND_RESERVED] = { NAMED("reserved"), GREY, "address space with no access and no other meaning" },
};

const char *const basis_names[N_BASES] = {
	[BASIS_SEGMENT] = "segment", [BASIS_SECTION] = "section", [BASIS_NAME] = "name",
	[BASIS_THREAD] = "thread",   [BASIS_MALLOC] = "malloc",	  [BASIS_PATTERN] = "pattern",
	[BASIS_PERMS] = "perms",
};

enum kind kind_find(const char *name, size_t len)
{
	for (enum kind k = 0; k < N_KINDS; k++)
		if (kinds[k].name_len == len && strncasecmp(kinds[k].name, name, len) == 0)
			return k;
	return N_KINDS;
}
