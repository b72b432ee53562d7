/* SPDX-License-Identifier: MIT */
/*
 * As many vtables, of classes without functions, as a program could hardly have, and a block for each:
 * vtables one N: all of one class, which has one type_info; vtables same N: of as many type_infos
 * with one name; vtables long N: with a name that is too long, in pages that were not touched;
 * vtables none N: no vtables, but other addresses in the module, and then 10 objects of a class.
 */
#include <string.h>
#include <sys/mman.h>

#include "program.h"
#include "vtable.h"

#define N_MAX 140000
#define LONG_SIZE 16384

static struct type_info own_type, types[N_MAX];
static struct vtable own_vtable = { 0, &own_type, { NULL } };
static struct type_info own_type = { own_vtable.functions, "N10__cxxabiv117__class_type_infoE" };
static struct vtable vtables[N_MAX];
static struct vtable last = { 0, &types[0], { NULL } };

__asm__(".pushsection .rodata\n"
	".balign 65536\n"
	"long_name: .fill 16384, 1, 0x41\n"
	".popsection");
extern const char long_name[] __attribute__((visibility("hidden")));

static void add_object(size_t size, const void *vtable)
{
	const void **object = calloc(1, size);

	require(object != NULL, "calloc");
	*object = vtable;
}

int main(int argc, char **argv)
{
	const char *mode = argc > 2 ? argv[1] : "one";
	int is_one = strcmp(mode, "one") == 0;
	int is_none = strcmp(mode, "none") == 0;
	int n = argc > 2 ? atoi(argv[2]) : 1;

	require(n <= N_MAX, "N");
	for (int i = 0; i < n; i++) {
		types[i].vtable = own_vtable.functions;
		types[i].name = strcmp(mode, "long") == 0 ? long_name : "6Object";
		vtables[i].to_top = is_none;
		vtables[i].type = &types[is_one ? 0 : i];
	}
	for (int i = 0; i < n; i++)
		add_object(24, vtables[i].functions);
	for (int i = 0; i < 10 && is_none; i++)
		add_object(40, last.functions);
	require(madvise((void *)long_name, LONG_SIZE, MADV_DONTNEED) == 0, "madvise");
	ready();
	wait_for_end();
	return 0;
}
