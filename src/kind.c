/* SPDX-License-Identifier: MIT */
#include "kind.h"

#include <string.h>
#include <strings.h>

#define BLACK "90"
#define RED "31"
#define GREEN "32"
#define YELLOW "33"
#define BLUE "34"
#define MAGENTA "35"
#define CYAN "36"

const struct kind_info kinds[N_KINDS] = {
	[KIND_TEXT] = { "text", GREEN, "machine code of an ELF module" },
	[KIND_RODATA] = { "rodata", CYAN, "its read-only data: constants, headers, tables" },
	[KIND_RELRO] = { "relro", CYAN, "its data that is made read-only once relocated" },
	[KIND_DATA] = { "data", YELLOW, "its initialised writable data" },
	[KIND_BSS] = { "bss", YELLOW, "its zero-initialised writable data" },
	[KIND_HEAP] = { "heap", MAGENTA, "the brk heap, and recognised malloc arenas" },
	[KIND_STACK] = { "stack", BLUE, "the main thread's stack, and each thread's" },
	[KIND_GUARD] = { "guard", BLACK, "inaccessible pages that protect a neighbour" },
	[KIND_ANON] = { "anon", NULL, "other private anonymous memory" },
	[KIND_JIT] = { "jit", RED, "executable memory that comes from no file" },
	[KIND_SHM] = { "shm", MAGENTA, "shared memory: anonymous, memfd, System V, /dev/shm" },
	[KIND_FILE] = { "file", NULL, "a file mapped as plain data" },
	[KIND_DEVICE] = { "device", RED, "memory of a device or driver" },
	[KIND_VDSO] = { "vdso", BLACK, "what the kernel maps into every process" },
	[KIND_RESERVED] = { "reserved", BLACK, "address space with no access and no other meaning" },
};

const char *const basis_names[N_BASES] = {
	[BASIS_SEGMENT] = "segment", [BASIS_SECTION] = "section", [BASIS_NAME] = "name",
	[BASIS_THREAD] = "thread",   [BASIS_PATTERN] = "pattern", [BASIS_PERMS] = "perms",
};

enum kind kind_find(const char *name, size_t len)
{
	for (enum kind k = 0; k < N_KINDS; k++)
		if (strlen(kinds[k].name) == len && strncasecmp(kinds[k].name, name, len) == 0)
			return k;
	return N_KINDS;
}
