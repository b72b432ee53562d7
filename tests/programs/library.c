/* SPDX-License-Identifier: MIT */
/* A shared library with something in each segment. */
int library_data = 1;
char library_bss[3 * 4096];
static int *const library_relro = &library_data;

int *library_text(void);

int *library_text(void)
{
	return library_relro;
}
