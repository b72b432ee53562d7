/* SPDX-License-Identifier: MIT */
/*
 * loader STARTED OPENED REMAPPED SPACED: loads one library in every possible way, from one file
 * for each way: at start, by dlopen(), with its code moved to anonymous memory, and into two more
 * namespaces.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "library.h"
#include "truth.h"

typedef void tell_fn(const char *self);

static void *loaded(void *handle)
{
	if (!handle) {
		fprintf(stderr, "%s\n", dlerror());
		exit(1);
	}
	return handle;
}

/* The biases of all modules in the namespace of HANDLE. */
static void tell_biases(void *handle, const char *self)
{
	struct link_map *map = NULL;

	dlinfo(handle, RTLD_DI_LINKMAP, &map);
	while (map->l_prev)
		map = map->l_prev;
	for (; map; map = map->l_next) {
		const char *name = map->l_name;

		/* The first module without a name is the program, any other is the vdso. */
		if (!name[0] && !map->l_prev)
			name = self;
		if (name[0] == '/')
			tell((void *)map->l_addr, "bias", "module", name);
	}
	fflush(stdout);
}

/* Programs do this to have huge pages for their code: the same bytes, but no longer the file's. */
static void move_code(tell_fn *function)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *code = (void *)((uintptr_t)function & -page);
	void *copy =
		checked(mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), "mmap");

	memcpy(copy, code, page);
	if (mprotect(copy, page, PROT_READ | PROT_EXEC) != 0) {
		perror("mprotect");
		exit(1);
	}
	checked(mremap(copy, page, page, MREMAP_MAYMOVE | MREMAP_FIXED, code), "mremap");
}

#ifdef __GLIBC__
static void tell_libc(const char *symbol, const char *kind)
{
	void *address = loaded(dlsym(RTLD_DEFAULT, symbol));
	Dl_info info;

	if (!dladdr(address, &info))
		exit(1);
	tell(address, kind, symbol, info.dli_fname);
}
#endif

int main(int argc, char **argv)
{
	void *opened, *remapped;
	tell_fn *moved;

	if (argc != 5)
		return 2;
	library_tell(argv[1]);

	opened = loaded(dlopen(argv[2], RTLD_NOW | RTLD_LOCAL));
	((tell_fn *)loaded(dlsym(opened, "library_tell")))(argv[2]);

	remapped = loaded(dlopen(argv[3], RTLD_NOW | RTLD_LOCAL));
	moved = loaded(dlsym(remapped, "library_tell"));
	move_code(moved);
	moved(argv[3]);

	tell_biases(opened, argv[0]);
#ifdef __GLIBC__
	for (int i = 0; i < 2; i++) {
		void *spaced = loaded(dlmopen(LM_ID_NEWLM, argv[4], RTLD_NOW | RTLD_LOCAL));

		((tell_fn *)loaded(dlsym(spaced, "library_tell")))(argv[4]);
		tell_biases(spaced, argv[0]);
	}
	/* dlsym() finds the code and data of libc itself, whereas &getpid may be a stub of the program. */
	tell_libc("getpid", "text");
	tell_libc("_IO_2_1_stdout_", "data");
#endif
	ready_and_wait();
	return 0;
}
