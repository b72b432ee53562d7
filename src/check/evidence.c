/* SPDX-License-Identifier: MIT */
#include "check/evidence.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/open_plain.h"

/* In fcntl.h with _GNU_SOURCE; Linux has it since 3.17. */
#ifndef F_GET_SEALS
#define F_GET_SEALS 1034
#endif

/* In a mere chroot, the owner of the root directory is a user like any other. */
static uint64_t find_root(struct source *source)
{
	_cleanup_close_ int fd = source_has_own_users(source) ? source_find_path(source, "/") : -1;
	struct stat st;

	return fd >= 0 && stat_cached(fd, &st) == 0 ? st.st_uid : UNKNOWN;
}

/*
 * Reads the directory of a file, if the file is where its path says. Even that of a local file,
 * which may be mounted over another, can be on a file system whose server does not answer.
 */
static void read_directory(struct source *source, const struct object *object, struct file_evidence *file)
{
	_cleanup_free_ char *path = NULL;
	_cleanup_close_ int fd = -1;
	const char *slash = object->name ? strrchr(object->name, '/') : NULL;
	struct stat st;

	if (object->state != FILE_OK || !slash || object->name[0] != '/')
		return;
	path = mem_copy(object->name, MAX((size_t)(slash - object->name), 1));
	fd = source_find_path(source, path);
	if (fd < 0 || stat_cached(fd, &st) != 0 || !S_ISDIR(st.st_mode))
		return;
	file->has_directory = true;
	file->directory_mode = st.st_mode;
}

/* A library in an archive has the owner of the archive; its headers are not at the start of the file. */
static void read_file(struct source *source, const struct facts *facts, const struct object *object,
		      struct file_evidence *file)
{
	struct stat st;
	_cleanup_close_ int fd = source_open_object(source, facts, object, &st);

	if (fd < 0)
		return;
	file->is_known = true;
	file->mode = st.st_mode;
	file->owner = st.st_uid;
	file->changed = st.st_mtime;
	if (object->state == FILE_MEMFD)
		file->seals = fcntl(fd, F_GET_SEALS);
	if (object->image && object->part_size == 0)
		elf_traits_read(fd, &file->traits);
	read_directory(source, object, file);
}

/* Finds out where code of each file is, and which files are modules. */
static void find_code(struct evidence *evidence, const struct space *space)
{
	const struct judgement *judgement = &space->judgement;

	for (size_t i = 0; i < space->facts.n_objects; i++)
		evidence->files[i] = (struct file_evidence){ .code = NO_REGION, .seals = -1 };
	for (size_t i = 0; i < judgement->n_regions; i++) {
		const struct region *region = &judgement->regions[i];
		const struct mapping *m = &space->facts.mappings[region->mapping];
		struct file_evidence *file = &evidence->files[m->object];

		if (m->perms & PERM_X && region->kind != KIND_VDSO && file->code == NO_REGION)
			file->code = (uint32_t)i;
	}
	for (size_t i = 0; i < judgement->n_modules; i++)
		evidence->files[judgement->modules[i].object].is_module = true;
}

static void count_unread(struct evidence *evidence, const struct space *space)
{
	for (size_t i = 0; i < space->judgement.n_modules; i++) {
		uint32_t object = space->judgement.modules[i].object;

		if (is_vdso(space->facts.objects[object]))
			continue;
		evidence->n_modules++;
		evidence->n_unread += !evidence->files[object].traits.is_known;
	}
}

void evidence_read(struct evidence *evidence, struct source *source, const struct space *space)
{
	const struct facts *facts = &space->facts;

	*evidence = (struct evidence){
		.files = mem_alloc(facts->n_objects * sizeof(*evidence->files)),
		.root = find_root(source),
	};
	find_code(evidence, space);
	for (size_t i = 0; i < facts->n_objects; i++) {
		const struct object *object = facts->objects[i];

		if (!is_vdso(object) && has_offset(object) &&
		    (evidence->files[i].code != NO_REGION || object->image))
			read_file(source, facts, object, &evidence->files[i]);
	}
	count_unread(evidence, space);
}

void evidence_done(struct evidence *evidence)
{
	free(evidence->files);
}
