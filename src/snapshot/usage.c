/* SPDX-License-Identifier: MIT */
#include "snapshot/usage.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define NO_SLOT (-1)

static struct usage *usage_of(struct target_reader *reader)
{
	return &reader->space->facts.usage;
}

static uint32_t row_of(const struct target_reader *reader)
{
	return (uint32_t)reader->n_regions - 1;
}

/* Where the counters that are being read are stored. */
static uint64_t *values_of(struct target_reader *reader)
{
	return reader->sum ? reader->sum->usage : usage_row(usage_of(reader), row_of(reader));
}

void begin_usage(struct target_reader *reader)
{
	struct usage *usage = usage_of(reader);

	mem_grow(reader->are_apportioned, reader->n_regions - 1, reader->cap_apportioned);
	reader->are_apportioned[row_of(reader)] = false;
	if (usage->n_slots > 0)
		usage_set_rows(usage, reader->n_regions);
}

/* ---- what the keys mean ---- */

static enum counter counter_named(const char *key)
{
	enum counter f = 0;

	while (f < N_COUNTERS && !(counters[f].name && strcmp(counters[f].name, key) == 0))
		f++;
	return f;
}

static void learn(struct target_reader *reader, const char *key)
{
	struct usage *usage = usage_of(reader);
	struct saved_counter saved = { .counter = counter_named(key), .slot = NO_SLOT };

	snprintf(saved.key, sizeof(saved.key), "%s", key);
	if (saved.counter < N_KERNEL_COUNTERS)
		saved.slot = usage_slot(usage, saved.counter);
	else if (saved.counter == N_COUNTERS && usage->keeps_all && strcmp(key, "apportioned") != 0)
		saved.slot = usage_unknown_slot(usage, key, strlen(key), false);
	mem_grow(reader->counters, reader->n_counters, reader->cap_counters);
	reader->counters[reader->n_counters++] = saved;
}

/* Usually the counter after the previous one, `*next`. NULL: there are more than any kernel has. */
static const struct saved_counter *find_counter(struct target_reader *reader, const char *key, size_t *next)
{
	static const struct saved_counter passed_over = { .counter = N_COUNTERS, .slot = NO_SLOT };
	size_t i = *next;

	if (i >= reader->n_counters || strcmp(reader->counters[i].key, key) != 0)
		for (i = 0; i < reader->n_counters && strcmp(reader->counters[i].key, key) != 0;)
			i++;
	/* A sum has no counters that its regions do not have. */
	if (i == reader->n_counters && reader->sum && counter_named(key) == N_COUNTERS)
		return &passed_over;
	if (i == reader->n_counters) {
		if (i >= SAVED_COUNTERS_MAX || strlen(key) >= sizeof(reader->counters->key))
			return NULL;
		learn(reader, key);
		if (usage_of(reader)->is_overfull)
			return NULL;
	}
	*next = i + 1;
	return &reader->counters[i];
}

/* ---- the counters of a region ---- */

static int take_counter(struct target_reader *reader, const struct saved_counter *saved, const json_t *json,
			uint64_t *rss, struct error *err)
{
	uint64_t value = UNKNOWN;
	int r = 0;

	if (!json_is_null(json))
		r = document_number(reader->document, json, &value, err);
	if (r < 0)
		return r;
	if (saved->counter < N_COUNTERS)
		reader->has_counters |= COUNTER_BIT(saved->counter);
	if (saved->counter == COUNTER_RSS)
		*rss = value;
	if (saved->slot != NO_SLOT && (!reader->sum || (size_t)saved->slot < reader->sum->n_slots))
		values_of(reader)[saved->slot] = value;
	return 0;
}

static uint64_t hugetlb(struct target_reader *reader, enum counter counter)
{
	int slot = usage_slot(usage_of(reader), counter);

	return slot < 0 ? 0 : known_or_zero(values_of(reader)[slot]);
}

/* The kernel's own figure leaves out hugetlb pages, and is not saved on its own. */
static int set_kernel_rss(struct target_reader *reader, uint64_t rss, struct error *err)
{
	uint64_t private = hugetlb(reader, COUNTER_PRIVATE_HUGETLB);
	uint64_t shared = hugetlb(reader, COUNTER_SHARED_HUGETLB);
	int slot = usage_slot(usage_of(reader), COUNTER_KERNEL_RSS);

	if (slot < 0 || rss == UNKNOWN)
		return 0;
	if (private > rss || shared > rss - private)
		return document_refuse(reader->document, err, "rss is less than the hugetlb pages in it");
	values_of(reader)[slot] = rss - private - shared;
	return 0;
}

static int take_member(struct target_reader *reader, const char *key, const json_t *json, size_t *next,
		       uint64_t *rss, struct error *err)
{
	const struct saved_counter *saved;

	if (!reader->sum && strcmp(key, "apportioned") == 0) {
		reader->are_apportioned[row_of(reader)] = json_is_true(json);
		return json_is_boolean(json) ?
			       0 :
			       document_refuse(reader->document, err, "neither true nor false");
	}
	saved = find_counter(reader, key, next);
	if (!saved)
		return document_refuse(reader->document, err, "more figures than any kernel has");
	return take_counter(reader, saved, json, rss, err);
}

static int take_members(struct target_reader *reader, const json_t *object, uint64_t *rss, struct error *err)
{
	const struct jansson *lib = reader->document->lib;
	struct place place = { .up = reader->document->place };
	size_t next = 0;
	int r = 0;

	reader->document->place = &place;
	for (void *i = lib->json_object_iter((json_t *)object); i && r == 0;
	     i = lib->json_object_iter_next((json_t *)object, i)) {
		place.key = lib->json_object_iter_key(i);
		r = take_member(reader, place.key, lib->json_object_iter_value(i), &next, rss, err);
	}
	reader->document->place = place.up;
	return r;
}

int take_usage(void *context, void *row _unused_, const struct value *value, struct error *err)
{
	struct target_reader *reader = context;
	uint64_t rss = UNKNOWN;
	int r;

	if (usage_of(reader)->n_slots == 0)
		return 0;
	if (json_is_null(value->json)) {
		reader->is_usage_null = true;
		return 0;
	}
	if (!json_is_object(value->json))
		return document_refuse(reader->document, err, "not an object");
	r = take_members(reader, value->json, &rss, err);
	return r == 0 ? set_kernel_rss(reader, rss, err) : r;
}

int take_sum_usage(void *context, void *row _unused_, const struct value *value, struct error *err)
{
	struct target_reader *reader = context;
	struct saved_sum *sum = reader->sum;

	sum->n_slots = usage_of(reader)->n_slots;
	sum->usage = mem_array(sum->n_slots, sizeof(*sum->usage));
	for (size_t i = 0; i < sum->n_slots; i++)
		sum->usage[i] = UNKNOWN;
	return take_usage(reader, NULL, value, err);
}

/* ---- flags ---- */

/* The words in one text, separated by blanks like the kernel's codes; NULL: one is not a word. */
static char *join_words(const struct jansson *lib, const json_t *array, size_t *ret_len)
{
	char *text = NULL;
	FILE *file = open_memstream(&text, ret_len);

	if (!file)
		mem_exhausted();
	for (size_t i = 0; i < lib->json_array_size(array); i++) {
		const json_t *word = lib->json_array_get(array, i);
		const char *string = json_is_string(word) ? lib->json_string_value(word) : "";

		if (*string == '\0' || strpbrk(string, " ,")) {
			fclose(file);
			free(text);
			return NULL;
		}
		fprintf(file, "%s ", string);
	}
	if (fclose(file) != 0)
		mem_exhausted();
	return text;
}

/* Stores flags by row, until the mappings are known. */
int take_flags(void *context, void *row _unused_, const struct value *value, struct error *err)
{
	struct target_reader *reader = context;
	struct usage *usage = usage_of(reader);
	_cleanup_free_ char *text = NULL;
	size_t len;

	if (!usage->keeps_all || json_is_null(value->json))
		return 0;
	if (json_is_array(value->json))
		text = join_words(reader->document->lib, value->json, &len);
	if (!text)
		return document_refuse(reader->document, err, "not a list of flags");
	usage_set_flags(usage, row_of(reader), text, len);
	return usage->is_overfull ? document_refuse(reader->document, err, "more flags than any kernel has") :
				    0;
}

static void settle_flags(struct target_reader *reader)
{
	struct usage *usage = usage_of(reader);
	const struct judgement *judgement = &reader->space->judgement;
	size_t n = reader->space->facts.n_mappings;
	uint32_t *flags_of;

	if (usage->n_flags == 0)
		return;
	flags_of = mem_alloc(n * sizeof(*flags_of));
	for (size_t i = 0; i < judgement->n_regions; i++)
		if (judgement->regions[i].usage < usage->cap_flags_of)
			flags_of[judgement->regions[i].mapping] =
				usage->flags_of[judgement->regions[i].usage];
	free(usage->flags_of);
	usage->flags_of = flags_of;
	usage->cap_flags_of = n;
}

/* ---- all of them ---- */

void join_usage(struct target_reader *reader, uint32_t to, uint32_t from)
{
	struct usage *usage = usage_of(reader);

	if (usage->n_slots == 0)
		return;
	for (size_t i = 0; i < usage->n_slots; i++) {
		uint64_t *sum = usage_row(usage, to) + i;
		uint64_t value = usage_row(usage, from)[i];
		enum counter counter = usage->slots[i].counter;
		bool adds_up = counter < N_KERNEL_COUNTERS && counters[counter].share != SHARE_PROPERTY;

		if (adds_up && value != UNKNOWN)
			*sum = *sum == UNKNOWN ? value : known_sum(*sum, value);
	}
	reader->are_apportioned[to] |= reader->are_apportioned[from];
}

/* Notes what was asked for but is in no region. Not for --shared: its rows are missing altogether. */
static void note_missing(struct target_reader *reader)
{
	struct usage *usage = usage_of(reader);
	const char *text = NULL;

	if (!reader->has_counters) {
		usage_done(usage);
		usage->is_missing = true;
		if (!reader->is_usage_null)
			text = "no figures: they were not saved; -X with --json saves all";
	} else if (reader->request->counters & ~reader->has_counters) {
		text = "some figures are missing: they were not saved; -X with --json saves all";
	}
	if (text && !(reader->request->needs & NEED_SHARING))
		notes_warn(&reader->space->answers.notes, "snapshot-figures", "%s", text);
}

/* Moves shares of a mapping's counters behind all other rows. */
static void settle_shares(struct target_reader *reader)
{
	struct usage *usage = usage_of(reader);
	struct judgement *judgement = &reader->space->judgement;
	struct shares *shares = &judgement->shares;
	size_t n = 0;

	for (size_t i = 0; i < judgement->n_regions; i++)
		n += reader->are_apportioned[judgement->regions[i].usage];
	shares->values = mem_array(n * usage->n_slots, sizeof(*shares->values));
	for (size_t i = 0; i < judgement->n_regions; i++) {
		struct region *region = &judgement->regions[i];

		if (!reader->are_apportioned[region->usage])
			continue;
		memcpy(shares->values + shares->n_rows * usage->n_slots, usage_row(usage, region->usage),
		       usage->n_slots * sizeof(*shares->values));
		region->usage = (uint32_t)(usage->n_rows + shares->n_rows++);
	}
	shares->cap_rows = n;
}

/* Whether there is anything that could have figures. */
static bool has_figures(const struct target_reader *reader)
{
	const struct saved *saved = reader->space->facts.saved;
	bool has_sums = saved->n_modules > 0;

	for (enum kind k = 0; k < N_KINDS; k++)
		has_sums |= saved->totals[k].regions > 0;
	return reader->n_regions > 0 || (lacks_regions(&reader->space->facts) && has_sums);
}

void settle_usage(struct target_reader *reader)
{
	if (usage_of(reader)->n_slots == 0 || !has_figures(reader))
		return;
	settle_flags(reader);
	note_missing(reader);
	if (usage_of(reader)->n_slots > 0)
		settle_shares(reader);
}
