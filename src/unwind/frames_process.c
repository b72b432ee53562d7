/* SPDX-License-Identifier: MIT */
/*
 * The owner of a process decides what libdw reads of it: unwind tables that take hours, sections
 * that inflate to gigabytes, or data that crashes libdw. So libdw runs in a separate process, with
 * limits.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/limited_process.h"
#include "base/mem.h"
#include "unwind/read_frames.h"

/* Debug information of gigabytes takes a few seconds, and as much memory as the file is large. */
#define TIME_MAX 60    /* s */
#define MEMORY_SHARE 4 /* the limit is the machine's memory divided by this */

/* ---- in the separate process ---- */

static void put(FILE *file, const void *bytes, size_t len)
{
	if (len > 0)
		fwrite(bytes, len, 1, file);
}

static void put_number(FILE *file, uint64_t number)
{
	put(file, &number, sizeof(number));
}

/* A length of UNKNOWN stands for NULL. */
static void put_text(FILE *file, const char *text)
{
	put_number(file, text ? strlen(text) : UNKNOWN);
	if (text)
		put(file, text, strlen(text));
}

static void put_notes(FILE *file, const struct notes *notes)
{
	put_number(file, notes->n);
	for (size_t i = 0; i < notes->n; i++) {
		put_text(file, notes->items[i].code);
		put_text(file, notes->items[i].text);
		put_number(file, notes->items[i].is_warning);
	}
}

static void put_frames(FILE *file, const struct frames *frames)
{
	put_number(file, frames->n_names);
	for (size_t i = 0; i < frames->n_names; i++) {
		put_number(file, (uintptr_t)frames->names[i].text);
		put_text(file, frames->names[i].text);
	}
	put_number(file, frames->n_locations);
	put(file, frames->locations, frames->n_locations * sizeof(*frames->locations));
	put_number(file, frames->n);
	put(file, frames->frames, frames->n * sizeof(*frames->frames));
}

struct question {
	struct source *source;
	const struct space *space;
	int32_t tid;
	enum debug_use use;
};

static void answer(void *context, FILE *file)
{
	const struct question *question = context;
	struct answers answers = { 0 };
	struct error err = { 0 };
	int r = read_frames(question->source, question->space, question->tid, question->use, &answers, &err);

	source_note_unread(question->source, &answers.notes);
	put_number(file, (uint64_t)-r);
	put_text(file, err.text);
	put_notes(file, &answers.notes);
	if (r == 0)
		put_frames(file, answers.frames);
}

/* ---- in our process ---- */

struct reply {
	const char *at;
	size_t left;
	size_t n_objects; /* objects that locations may refer to */
	bool is_broken;	  /* malformed: bad data corrupted the process that answered, but did not end it */
};

/* NULL: there are not that many bytes left. */
static const char *take(struct reply *reply, uint64_t n, size_t size)
{
	const char *at = reply->at;

	if (n > reply->left / size) {
		reply->is_broken = true;
		return NULL;
	}
	reply->at += n * size;
	reply->left -= n * size;
	return at;
}

static uint64_t take_number(struct reply *reply)
{
	const char *bytes = take(reply, 1, sizeof(uint64_t));
	uint64_t number = 0;

	if (bytes)
		memcpy(&number, bytes, sizeof(number));
	return number;
}

static char *take_text(struct reply *reply)
{
	uint64_t len = take_number(reply);
	const char *bytes = len == UNKNOWN ? NULL : take(reply, len, 1);

	return bytes ? mem_copy(bytes, len) : NULL;
}

static void take_notes(struct reply *reply, struct notes *notes)
{
	uint64_t n = take_number(reply);

	for (uint64_t i = 0; i < n && !reply->is_broken; i++) {
		_cleanup_free_ char *code = take_text(reply);
		_cleanup_free_ char *text = take_text(reply);
		bool is_warning = take_number(reply);

		if (code && text)
			notes_restore(notes, code, text, is_warning);
	}
}

/* A name by its address in the process that answered. */
static const char *take_name(struct reply *reply, const struct frames *frames, const char *origin)
{
	const char *name = origin ? frames_find_name(frames, origin) : NULL;

	reply->is_broken |= origin && !name;
	return name;
}

static void take_location(struct reply *reply, struct frames *frames)
{
	const char *bytes = take(reply, 1, sizeof(struct location));
	struct location *location;

	if (!bytes)
		return;
	mem_grow(frames->locations, frames->n_locations, frames->cap_locations);
	location = &frames->locations[frames->n_locations++];
	memcpy(location, bytes, sizeof(*location));
	location->function = take_name(reply, frames, location->function);
	location->source = take_name(reply, frames, location->source);
	reply->is_broken |= location->object >= reply->n_objects;
}

static void take_names(struct reply *reply, struct frames *frames)
{
	uint64_t n = take_number(reply);

	for (uint64_t i = 0; i < n && !reply->is_broken; i++) {
		const char *origin = (const char *)(uintptr_t)take_number(reply);
		char *text = take_text(reply);

		if (text)
			frames_keep_name(frames, origin, text);
	}
}

static struct frames *take_frames(struct reply *reply, int32_t tid)
{
	struct frames *frames = mem_alloc(sizeof(*frames));
	uint64_t n;
	const char *bytes;

	frames->tid = tid;
	take_names(reply, frames);
	n = take_number(reply);
	for (uint64_t i = 0; i < n && !reply->is_broken; i++)
		take_location(reply, frames);
	n = take_number(reply);
	bytes = take(reply, n, sizeof(*frames->frames));
	if (bytes) {
		frames->frames = (struct frame *)mem_copy(bytes, n * sizeof(*frames->frames));
		frames->n = n;
	}
	for (size_t i = 0; i < frames->n; i++)
		reply->is_broken |= frames->frames[i].location >= frames->n_locations;
	return frames;
}

static int take_answer(struct reply *reply, int32_t tid, struct answers *answers, struct error *err)
{
	int r = -(int)take_number(reply);
	_cleanup_free_ char *why = take_text(reply);

	take_notes(reply, &answers->notes);
	if (r == 0)
		answers->frames = take_frames(reply, tid);
	if (!reply->is_broken)
		return r < 0 ? error_set(err, r, "%s", why ? why : "") : 0;
	frames_free(answers->frames);
	answers->frames = NULL;
	return error_set(err, -EBADMSG, "the process that read them sent a broken answer");
}

static int read_answer(int fd, const struct facts *facts, int32_t tid, struct answers *answers,
		       struct error *err)
{
	struct stat st = { 0 };
	_cleanup_free_ char *bytes = NULL;
	struct reply reply;

	if (fstat(fd, &st) != 0)
		return error_set(err, -errno, "cannot read the answer of the process that read them: %s",
				 strerror(errno));
	bytes = mem_array((size_t)st.st_size, 1);
	reply = (struct reply){ .at = bytes, .n_objects = facts->n_objects };
	while (reply.left < (size_t)st.st_size) {
		ssize_t n = read(fd, bytes + reply.left, (size_t)st.st_size - reply.left);

		if (n <= 0)
			return error_set(err, -EIO,
					 "cannot read the answer of the process that read them: %s",
					 strerror(n < 0 ? errno : EIO));
		reply.left += (size_t)n;
	}
	return take_answer(&reply, tid, answers, err);
}

/* Why the process gave no answer, if what it read is to blame; otherwise NULL. */
static const char *reason_of(int code)
{
	switch (-code) {
	case ETIMEDOUT:
		return "it takes more than a minute to read";
	case ENOMEM:
		return "it needs too much memory to read";
	case EFAULT:
		return "libdw crashed on it";
	default:
		return NULL;
	}
}

static int explain(int code, struct error *err)
{
	const char *reason = reason_of(code);

	if (reason)
		return error_set(err, code, "unwind information cannot be used: %s", reason);
	return error_set(err, code, "cannot start a process to read them: %s", strerror(-code));
}

/* A descriptor of the answer, or an error of run_limited(). */
static int ask(struct question *question)
{
	const struct process_limits limits = {
		.memory = (uint64_t)sysconf(_SC_PHYS_PAGES) * system_page_size() / MEMORY_SHARE,
		.cpu = TIME_MAX,
		/* A server may take its time. */
		.wall = question->use == DEBUG_FETCHED ? 0 : TIME_MAX,
	};

	return run_limited(&limits, answer, question);
}

int read_frames_apart(struct source *source, const struct space *space, int32_t tid, enum debug_use use,
		      struct answers *answers, struct error *err)
{
	struct question question = { source, space, tid, use };
	int first = ask(&question);
	_cleanup_close_ int fd = first;

	if (first < 0 && reason_of(first)) {
		question.use = DEBUG_NONE;
		fd = ask(&question);
	}
	if (fd < 0)
		return explain(fd, err);
	if (first < 0)
		notes_warn(
			&answers->notes, "debug-unread",
			"debug information was not used: %s: source lines and inlined functions are missing",
			reason_of(first));
	return read_answer(fd, &space->facts, tid, answers, err);
}
