/* SPDX-License-Identifier: MIT */
/*
 * Stands in for libFuzzer: runs a fuzzer over every file of a folder.
 */
#include <dirent.h>
#include <err.h>
#include <string.h>

#include "base/util.h"
#include "fuzz.h"

#define INPUT_MAX (1 << 20)

static void replay(const char *folder, const char *name)
{
	_cleanup_free_ char *path = NULL;
	_cleanup_free_ uint8_t *input = NULL;
	uint8_t *bytes = malloc(INPUT_MAX);
	FILE *file;
	size_t len;

	if (!bytes || asprintf(&path, "%s/%s", folder, name) < 0 || !(file = fopen(path, "rb")))
		err(1, "%s", name);
	len = fread(bytes, 1, INPUT_MAX, file);
	fclose(file);
	/* The block is exactly as large as the input, so that a sanitizer sees reads past its end. */
	input = realloc(bytes, len ? len : 1);
	fprintf(stderr, "%s\n", path);
	LLVMFuzzerTestOneInput(input, len);
}

int main(int argc, char **argv)
{
	DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
	struct dirent *entry;
	size_t n = 0;

	if (!folder)
		err(1, "usage: %s FOLDER", argv[0]);
	while ((entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		replay(argv[1], entry->d_name);
		n++;
	}
	closedir(folder);
	if (n == 0)
		errx(1, "%s: nothing there", argv[1]);
	return 0;
}
