/* SPDX-License-Identifier: MIT */
#include "unwind/shared_debug.h"

#include <stddef.h>

#include "base/util.h"
#include "elf/debug_file.h"
#include "elf/handle.h"
#include "unwind/debug_strings.h"

/*
 * An ELF file with useless debug information, to take the place of the shared file: libdw finds
 * nothing in it, and does not look for another.
 */
static Elf *make_empty(const struct libdw *dw)
{
	static struct {
		Elf64_Ehdr header;
		char names[32];
		Elf64_Shdr sections[3];
	} file = {
		.header = {
			.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
				     __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB, EV_CURRENT },
			.e_type = ET_DYN,
			.e_version = EV_CURRENT,
			.e_ehsize = sizeof(Elf64_Ehdr),
			.e_shoff = offsetof(__typeof__(file), sections),
			.e_shentsize = sizeof(Elf64_Shdr),
			.e_shnum = ARRAY_SIZE(file.sections),
			.e_shstrndx = 1,
		},
		.names = "\0.shstrtab\0.debug_line",
		.sections = {
			[1] = { .sh_name = 1, .sh_type = SHT_STRTAB, .sh_offset = offsetof(__typeof__(file), names),
				.sh_size = sizeof(file.names), .sh_addralign = 1 },
			[2] = { .sh_name = 11, .sh_type = SHT_PROGBITS, .sh_offset = offsetof(__typeof__(file), names),
				.sh_size = 1, .sh_addralign = 1 },
		},
	};

	return dw->elf_memory((char *)&file, sizeof(file));
}

static void close_file(struct shared_debug *shared, const struct libdw *dw)
{
	dw->dwarf_end(shared->dwarf);
	dw->elf_end(shared->elf);
	if (shared->state == SHARED_FOUND)
		close(shared->fd);
	*shared = (struct shared_debug){ 0 };
}

/*
 * Whether a shared file refers to another one. dwz(1) makes no such file, and libdw would open the
 * other one.
 */
static bool shares_another(const struct libdw *dw, Dwarf *dwarf)
{
	const void *build_id;
	const char *name;

	return dw->dwelf_dwarf_gnu_debugaltlink(dwarf, &name, &build_id) > 0;
}

static bool open_file(struct shared_debug *shared, const struct libdw *dw, struct source *source,
		      const char *name, const void *build_id, size_t len)
{
	int fd = debug_file_open_shared(source, name, build_id, len);

	if (fd < 0)
		return false;
	*shared = (struct shared_debug){ .state = SHARED_FOUND, .fd = fd };
	if (!elf_is_excessive(fd))
		shared->elf = dw->elf_begin(fd, ELF_C_READ, NULL);
	if (are_strings_ended(dw, shared->elf))
		shared->dwarf = dw->dwarf_begin_elf(shared->elf, DWARF_C_READ, NULL);
	if (!shared->dwarf || shares_another(dw, shared->dwarf))
		close_file(shared, dw);
	return shared->dwarf;
}

static void open_empty(struct shared_debug *shared, const struct libdw *dw)
{
	shared->elf = make_empty(dw);
	shared->dwarf = dw->dwarf_begin_elf(shared->elf, DWARF_C_READ, NULL);
	shared->state = shared->dwarf ? SHARED_MISSING : SHARED_UNUSABLE;
}

bool set_shared_debug(struct shared_debug *shared, const struct libdw *dw, Dwarf *dwarf,
		      struct source *source)
{
	const void *build_id;
	const char *name;
	ssize_t len;

	if (shared->state != SHARED_UNKNOWN)
		return shared->state != SHARED_UNUSABLE;
	len = dw->dwelf_dwarf_gnu_debugaltlink(dwarf, &name, &build_id);
	if (len <= 0) {
		shared->state = SHARED_NONE;
		return true;
	}
	if (!open_file(shared, dw, source, name, build_id, (size_t)len))
		open_empty(shared, dw);
	if (shared->dwarf)
		dw->dwarf_setalt(dwarf, shared->dwarf);
	return shared->dwarf;
}

void shared_debug_done(struct shared_debug *shared, const struct libdw *dw)
{
	close_file(shared, dw);
}
