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

/* Looks into the file: if it is mapped as data, its headers have not been read. */
static enum answer has_magic(struct proc *proc, const struct facts *facts, const struct object *object)
{
	struct stat st;
	_cleanup_close_ int fd = open_object(proc, facts, object, &st);
	char magic[4] = "";

	if (fd < 0 || pread(fd, magic, sizeof(magic), 0) < 0)
		return ANSWER_UNKNOWN;
	return memcmp(magic, "\177ELF", sizeof(magic)) == 0 ? ANSWER_YES : ANSWER_NO;
}

/* An executable file counts whatever it contains, any other only if its contents are ELF. */
static enum answer has_elf_page(struct proc *proc, const struct facts *facts, const struct object *object,
				const struct stat *st)
{
	if (object->image || object->headers == HEADERS_DAMAGED ||
	    (st && st->st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)))
		return ANSWER_YES;
	if (!st)
		return ANSWER_UNKNOWN;
	if (object->headers == HEADERS_NONE && S_ISREG(st->st_mode))
		return has_magic(proc, facts, object);
	return ANSWER_NO;
}

static void read_file(struct proc *proc, const struct facts *facts, struct object *object)
{
	struct stat st = { 0 };
	bool is_found = stat_object(proc, facts, object, &st) == 0;

	object->is_unlinked =
		is_found ? st.st_nlink == 0 : object->type == OBJECT_KERNEL || is_named_deleted(object);
	object->has_elf_page = has_elf_page(proc, facts, object, is_found ? &st : NULL);
}

void read_dump_rules(struct proc *proc, struct facts *facts)
{
	read_filter(proc, &facts->process);
	for (size_t i = 0; i < facts->n_objects; i++)
		if (has_file(facts->objects[i]) && facts->objects[i]->first != NO_MAPPING)
			read_file(proc, facts, facts->objects[i]);
}
