/* SPDX-License-Identifier: MIT */
#include "proc/dump_rules.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proc/mapped_file.h"
#include "proc/failed_reads.h"

static void read_filter(struct proc *proc, struct process *process)
{
	process->dump_filter = proc_read_number(proc, proc->mm_fd, "coredump_filter", 16);
}

static bool is_named_deleted(const struct object *object)
{
	size_t len = strlen(DELETED_SUFFIX);

	return object->name_len > len &&
	       memcmp(object->name + object->name_len - len, DELETED_SUFFIX, len) == 0;
}

/* The headers of a file that is mapped as data have not been looked at. */
static bool has_magic(struct proc *proc, const struct facts *facts, const struct object *object)
{
	struct stat st;
	_cleanup_close_ int fd = open_object(proc, facts, object, &st);
	char magic[4];

	return fd >= 0 && pread(fd, magic, sizeof(magic), 0) == sizeof(magic) &&
	       memcmp(magic, "\177ELF", sizeof(magic)) == 0;
}

static void read_file(struct proc *proc, const struct facts *facts, struct object *object)
{
	struct stat st = { 0 };
	bool is_found = stat_object(proc, facts, object, &st) == 0;
	bool has_mode = is_found && st.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH);

	object->is_unlinked =
		is_found ? st.st_nlink == 0 : object->type == OBJECT_KERNEL || is_named_deleted(object);
	if (object->headers == HEADERS_NONE && is_found && S_ISREG(st.st_mode) && !has_mode)
		object->has_elf_page = has_magic(proc, facts, object);
	else
		object->has_elf_page = has_mode || object->image || object->headers == HEADERS_DAMAGED;
}

void read_dump_rules(struct proc *proc, struct facts *facts)
{
	read_filter(proc, &facts->process);
	for (size_t i = 0; i < facts->n_objects; i++)
		if (has_file(facts->objects[i]) && facts->objects[i]->first != NO_MAPPING)
			read_file(proc, facts, facts->objects[i]);
}
