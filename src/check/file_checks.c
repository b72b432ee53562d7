/* SPDX-License-Identifier: MIT */
/* The files that code is mapped from: where they are, and who may change them. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "check/checker.h"

/* In linux/fcntl.h, which cannot be included with fcntl.h. */
#ifndef F_SEAL_WRITE
#define F_SEAL_WRITE 0x0008
#endif

typedef void file_check(struct checker *checker, uint32_t object, uint32_t region);

/*
 * All files that code runs from. Memory that only the kernel makes has no file that anybody could
 * change; a file that a code generator maps twice has a check of its own.
 */
static void for_each_file(struct checker *checker, file_check *check)
{
	const struct facts *facts = &checker->space->facts;

	for (uint32_t i = 1; i < facts->n_objects; i++) {
		const struct object *object = facts->objects[i];
		uint32_t region = checker->evidence.files[i].code;

		if (region == NO_REGION || !has_offset(object) || is_vdso(object) ||
		    object->type == OBJECT_DEVICE || object->type == OBJECT_ZERO)
			continue;
		if (object->type != OBJECT_KERNEL || object->state == FILE_MEMFD)
			check(checker, i, region);
	}
}

static const struct file_evidence *evidence_of(const struct checker *checker, uint32_t object)
{
	return &checker->evidence.files[object];
}

/* ---- files without a path ---- */

void report_memfd(struct checker *checker, uint32_t object, uint32_t region)
{
	int seals = evidence_of(checker, object)->seals;

	if (seals >= 0 && seals & F_SEAL_WRITE)
		report_other(
			checker, CHECK_MEMFD_CODE, SEVERITY_NOTE,
			"Nothing to do if it is a container run-time or the like; otherwise find out who made it.",
			region, object,
			"Code from a memfd, which has no path; it is sealed against writing, as container "
			"run-times seal the copy of themselves that they run.");
	else
		report(checker, CHECK_MEMFD_CODE, region, object, "Code from a memfd, which has no path%s.",
		       seals >= 0 ? "; it is not sealed against writing" : "");
}

static void check_memfd(struct checker *checker, uint32_t object, uint32_t region)
{
	if (checker->space->facts.objects[object]->state == FILE_MEMFD &&
	    evidence_of(checker, object)->is_module)
		report_memfd(checker, object, region);
}

void check_memfd_modules(struct checker *checker)
{
	for_each_file(checker, check_memfd);
}

/*
 * JNA and the like unpack a library, load it, and delete it at once: such a file belongs to the
 * process's user, and is newer than the process. A file that was deleted while the process used it
 * is older. Programs themselves do not come about this way.
 */
static bool is_own_temporary(const struct checker *checker, uint32_t object)
{
	const struct file_evidence *file = evidence_of(checker, object);
	const struct process *process = &checker->space->facts.process;

	return file->is_known && process->started != UNKNOWN && file->changed > (int64_t)process->started &&
	       file->owner == process->uid && !file->traits.is_program;
}

static void check_deleted(struct checker *checker, uint32_t object, uint32_t region)
{
	if (checker->space->facts.objects[object]->state != FILE_DELETED ||
	    !evidence_of(checker, object)->is_module)
		return;
	if (is_own_temporary(checker, object))
		report_other(
			checker, CHECK_DELETED_CODE, SEVERITY_NOTE,
			"Nothing to do if the program unpacks its libraries; otherwise find out who wrote it.",
			region, object,
			"Code from a library of the process's own user that was written after the process "
			"started, and deleted: as if unpacked temporarily.");
	else
		report(checker, CHECK_DELETED_CODE, region, object,
		       "Code from a file that is no longer there.");
}

void check_deleted_code(struct checker *checker)
{
	for_each_file(checker, check_deleted);
}

static void check_outdated(struct checker *checker, uint32_t object, uint32_t region)
{
	if (checker->space->facts.objects[object]->state == FILE_REPLACED)
		report(checker, CHECK_OUTDATED_CODE, region, object,
		       "Its path now leads to another file, or to other contents: the process runs the old code.");
}

void check_outdated_code(struct checker *checker)
{
	for_each_file(checker, check_outdated);
}

/* ---- who may change them ---- */

static void check_access(struct checker *checker, uint32_t object, uint32_t region)
{
	const struct file_evidence *file = evidence_of(checker, object);

	if (checker->space->facts.objects[object]->state != FILE_OK || !file->is_known)
		return;
	if (file->mode & S_IWOTH)
		report(checker, CHECK_WRITABLE_FILE, region, object,
		       "Everyone may write to the file (mode %04o).", file->mode & 07777);
	else if (file->has_directory && file->directory_mode & S_IWOTH && !(file->directory_mode & S_ISVTX))
		report(checker, CHECK_WRITABLE_FILE, region, object,
		       "Everyone may replace the file: its directory is open to all, and has no sticky bit (mode "
		       "%04o).",
		       file->directory_mode & 07777);
}

void check_writable_file(struct checker *checker)
{
	for_each_file(checker, check_access);
}

/*
 * Files of root are beyond suspicion, and so are those of the owner of the root directory in a
 * container with users of its own.
 */
static void check_owner(struct checker *checker, uint32_t object, uint32_t region)
{
	const struct file_evidence *file = evidence_of(checker, object);
	uint64_t uid = checker->space->facts.process.uid;

	if (checker->space->facts.objects[object]->state != FILE_OK || !file->is_known || uid == UNKNOWN ||
	    file->owner == 0 || file->owner == uid || file->owner == checker->evidence.root)
		return;
	report(checker, CHECK_FOREIGN_FILE, region, object,
	       "The file belongs to user %" PRIu64 ", who may change what this process of user %" PRIu64
	       " runs.",
	       file->owner, uid);
}

void check_foreign_file(struct checker *checker)
{
	for_each_file(checker, check_owner);
}
