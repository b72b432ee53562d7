/* SPDX-License-Identifier: MIT */
#include "source/source.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"

struct kernel_sums source_read_sums(struct source *source, bool wants_resident)
{
	if (source->ops->read_sums)
		return source->ops->read_sums(source, wants_resident);
	return (struct kernel_sums){ .size = UNKNOWN, .resident = UNKNOWN, .lazily_freed = UNKNOWN };
}

bool source_loaded_files_changed(struct source *source, const struct facts *facts)
{
	return source->ops->loaded_files_changed && source->ops->loaded_files_changed(source, facts);
}

int source_verify(struct source *source, struct error *err)
{
	return source->ops->verify ? source->ops->verify(source, err) : 0;
}

void source_note_unread(struct source *source, struct notes *notes)
{
	if (source->ops->note_unread)
		source->ops->note_unread(source, notes);
}

int source_explain(struct source *source, const char *what, int code, struct error *err)
{
	if (source->ops->explain)
		return source->ops->explain(source, what, code, err);
	return error_set(err, code, "cannot read %s: %s", what, strerror(-code));
}

void source_close(struct source *source)
{
	if (source->ops->close)
		source->ops->close(source);
}

ssize_t source_read_memory(struct source *source, uint64_t addr, void *buf, size_t len)
{
	if (source->progress)
		progress_add(source->progress, len);
	return source->ops->read_memory ? source->ops->read_memory(source, addr, buf, len) : -ENOTSUP;
}

ssize_t source_touch_memory(struct source *source, uint64_t addr, void *buf, size_t len)
{
	if (!source->ops->touch_memory)
		return source_read_memory(source, addr, buf, len);
	return source->ops->touch_memory(source, addr, buf, len);
}

size_t source_read_parts(struct source *source, const struct memory_part *parts, size_t n)
{
	size_t done = 0;

	for (size_t i = 0; i < n && source->progress; i++)
		progress_add(source->progress, parts[i].len);
	if (source->ops->read_parts)
		return source->ops->read_parts(source, parts, n);
	while (done < n && source->ops->read_memory &&
	       source->ops->read_memory(source, parts[done].addr, parts[done].buf, parts[done].len) ==
		       (ssize_t)parts[done].len)
		done++;
	return done;
}

void source_find_present(struct source *source, const uint64_t *addrs, size_t n, bool *ret)
{
	if (source->ops->find_present)
		source->ops->find_present(source, addrs, n, ret);
	else
		memset(ret, 0, n * sizeof(*ret));
}

int source_walk_pages(struct source *source, const struct page_range *ranges, size_t n, bool is_whole_map,
		      page_walk_fn *take, void *context)
{
	if (!source->ops->walk_pages)
		return -ENOTSUP;
	return source->ops->walk_pages(source, ranges, n, is_whole_map, take, context);
}

bool source_is_guard(struct source *source, uint64_t addr)
{
	uint64_t word;

	return source_read_page_words(source, addr, &word, 1) == 1 && (word & PM_GUARD);
}

ssize_t source_read_page_words(struct source *source, uint64_t addr, uint64_t *words, size_t n)
{
	return source->ops->read_page_words ? source->ops->read_page_words(source, addr, words, n) : -ENOTSUP;
}

enum answer source_is_zero_page(struct source *source, uint64_t word)
{
	uint64_t flags;

	if (!(word & PM_PRESENT) || word & (PM_EXCLUSIVE | PM_FILE | PM_GUARD))
		return ANSWER_NO;
	if (!(word & PM_PFN) || source_read_frame_flags(source, word & PM_PFN, &flags) < 0)
		return ANSWER_UNKNOWN;
	return flags & KPF_ZERO_PAGE ? ANSWER_YES : ANSWER_NO;
}

int source_read_frame_flags(struct source *source, uint64_t frame, uint64_t *ret)
{
	return source->ops->read_frame_flags ? source->ops->read_frame_flags(source, frame, ret) : -ENOTSUP;
}

int source_read_others(struct source *source, const struct facts *facts, const struct private_page *pages,
		       size_t n_pages, other_fn *take, void *context, struct notes *notes)
{
	if (!source->ops->read_others)
		return -ENOTSUP;
	return source->ops->read_others(source, facts, pages, n_pages, take, context, notes);
}

enum answer source_may_write(struct source *source, const struct mapping *m)
{
	return source->ops->may_write ? source->ops->may_write(source, m) : ANSWER_UNKNOWN;
}

int source_open_object(struct source *source, const struct facts *facts, const struct object *object,
		       struct stat *ret_stat)
{
	return source->ops->open_object ? source->ops->open_object(source, facts, object, ret_stat) :
					  -ENOTSUP;
}

int source_open_program(struct source *source)
{
	return source->ops->open_program ? source->ops->open_program(source) : -ENOTSUP;
}

int source_find_path(struct source *source, const char *path)
{
	return source->ops->find_path ? source->ops->find_path(source, path) : -ENOTSUP;
}

bool source_has_own_users(struct source *source)
{
	return source->ops->has_own_users ? source->ops->has_own_users(source) : true;
}

uint64_t source_find_sp(struct source *source, int32_t tid)
{
	return source->ops->find_sp ? source->ops->find_sp(source, tid) : UNKNOWN;
}

uint64_t source_find_control(struct source *source, int32_t tid)
{
	return source->ops->find_control ? source->ops->find_control(source, tid) : UNKNOWN;
}

int source_hold_thread(struct source *source, int32_t tid, hold_fn *act, void *context, struct error *err)
{
	if (!source->ops->hold_thread)
		return error_set(err, -ENOTSUP, "only a running process of this system can be stopped");
	return source->ops->hold_thread(source, tid, act, context, err);
}

struct holding {
	struct source *source;
	hold_fn *act;
	void *context;
};

static int act_held(void *context, struct error *err)
{
	const struct holding *holding = context;
	int r;

	holding->source->is_held = true;
	r = holding->act(holding->context, err);
	source_release_process(holding->source);
	return r;
}

int source_hold_process(struct source *source, hold_fn *act, void *context, struct error *err)
{
	struct holding holding = { source, act, context };

	source->held_since_ns = clock_ns(CLOCK_MONOTONIC);
	return source->ops->hold_process ? source->ops->hold_process(source, act_held, &holding, err) :
					   act_held(&holding, err);
}

void source_release_process(struct source *source)
{
	if (!source->is_held)
		return;
	source->is_held = false;
	if (source->ops->release_process)
		source->ops->release_process(source);
	source->held_ms = (double)(clock_ns(CLOCK_MONOTONIC) - source->held_since_ns) / 1e6;
}

int source_read_registers(struct source *source, int32_t tid, unsigned machine, struct registers *ret)
{
	return source->ops->read_registers ? source->ops->read_registers(source, tid, machine, ret) :
					     -ENOTSUP;
}

ssize_t source_read_register_words(struct source *source, int32_t tid, void *buf, size_t len)
{
	return source->ops->read_register_words ? source->ops->read_register_words(source, tid, buf, len) :
						  -ENOTSUP;
}
