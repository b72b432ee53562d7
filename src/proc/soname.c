/* SPDX-License-Identifier: MIT */
/*
 * Run by the build: prints the name under which the dynamic linker finds libproc2.
 */
#include <dlfcn.h>
#include <libproc2/pids.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
	Dl_info info;
	const char *slash;

	if (!dladdr((void *)&procps_pids_new, &info) || !(slash = strrchr(info.dli_fname, '/')))
		return 1;
	puts(slash + 1);
	return 0;
}
