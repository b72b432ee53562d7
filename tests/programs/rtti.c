/* SPDX-License-Identifier: MIT */
/*
 * Blocks that begin with the address of a vtable as C++ compilers make them, with a type_info of any name:
 * rtti N NAME [TYPE_INFO]. TYPE_INFO is the name of the type_info's own class. Prints the addresses of
 * a block that is freed, of one with a mapping of its own, and of the last object.
 */
#include <string.h>

#include "program.h"
#include "vtable.h"

static char name[16384] = "?";
static char own_name[256] = "N10__cxxabiv117__class_type_infoE";
static struct vtable own_vtable;
static struct type_info own_type = { own_vtable.functions, own_name };
static struct vtable own_vtable = { 0, &own_type, { NULL } };
static struct type_info type = { own_vtable.functions, name };
static struct vtable vtable = { 0, &type, { NULL } };

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 1;
	void **object = NULL;
	void *freed;
	void *mapped;

	snprintf(name, sizeof(name), "%s", argc > 2 ? argv[2] : "6Object");
	if (argc > 3)
		snprintf(own_name, sizeof(own_name), "%s", argv[3]);
	for (int i = 0; i < n; i++) {
		object = calloc(1, 72);
		require(object != NULL, "calloc");
		*object = vtable.functions;
	}
	freed = malloc(200);
	mapped = malloc(1 << 20);
	require(freed != NULL && mapped != NULL, "malloc");
	printf("%p\n%p\n%p\n", freed, mapped, (void *)object);
	free(freed);
	ready();
	wait_for_end();
	return 0;
}
