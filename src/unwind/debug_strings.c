/* SPDX-License-Identifier: MIT */
#include "unwind/debug_strings.h"

#include <string.h>

#include "base/util.h"

/* Names begin with ".debug_" or ".zdebug_", and may end with ".dwo". */
static bool is_for_strings(const char *name)
{
	static const char *const names[] = { "str", "line_str" };
	const char *rest = strstr(name, "debug_");

	for (size_t i = 0; rest && i < ARRAY_SIZE(names); i++)
		if (strncmp(rest + strlen("debug_"), names[i], strlen(names[i])) == 0 &&
		    strncmp(rest + strlen("debug_") + strlen(names[i]), "_off", 4) != 0)
			return true;
	return false;
}

/* Does what libdw would do later; libdw then finds the section inflated. */
static bool inflate(const struct libdw *dw, Elf_Scn *scn, const GElf_Shdr *shdr, const char *name)
{
	if (shdr->sh_flags & SHF_COMPRESSED)
		return dw->elf_compress(scn, 0, 0) >= 0;
	return strncmp(name, ".zdebug", strlen(".zdebug")) != 0 || dw->elf_compress_gnu(scn, 0, 0) >= 0;
}

static bool is_ended(const struct libdw *dw, Elf_Scn *scn)
{
	const Elf_Data *data = dw->elf_getdata(scn, NULL);

	return !data || !data->d_buf || data->d_size == 0 ||
	       ((const char *)data->d_buf)[data->d_size - 1] == '\0';
}

bool are_strings_ended(const struct libdw *dw, Elf *elf)
{
	GElf_Shdr shdr;
	size_t names;

	if (!elf || dw->elf_getshdrstrndx(elf, &names) != 0)
		return true;
	for (Elf_Scn *scn = NULL; (scn = dw->elf_nextscn(elf, scn));) {
		const char *name =
			dw->gelf_getshdr(scn, &shdr) ? dw->elf_strptr(elf, names, shdr.sh_name) : NULL;

		/* libdw ignores sections that cannot be inflated. */
		if (name && shdr.sh_type != SHT_NOBITS && is_for_strings(name) &&
		    inflate(dw, scn, &shdr, name) && !is_ended(dw, scn))
			return false;
	}
	return true;
}
