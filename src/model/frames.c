/* SPDX-License-Identifier: MIT */
#include "model/frames.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/text.h"

void frames_free(struct frames *frames)
{
	if (!frames)
		return;
	for (size_t i = 0; i < frames->n_names; i++)
		free(frames->names[i].text);
	free(frames->names);
	free(frames->slots);
	free(frames->locations);
	free(frames->frames);
	free(frames);
}

/* The slot of the name from this origin, or the empty one where it belongs. */
static uint32_t *find_slot(const struct frames *frames, const char *origin)
{
	size_t i = hash_mix((uintptr_t)origin) % frames->n_slots;

	while (frames->slots[i] && frames->names[frames->slots[i] - 1].origin != origin)
		i = (i + 1) % frames->n_slots;
	return &frames->slots[i];
}

static void grow_slots(struct frames *frames)
{
	free(frames->slots);
	frames->n_slots = frames->n_slots ? frames->n_slots * 2 : 64;
	frames->slots = mem_alloc(frames->n_slots * sizeof(*frames->slots));
	for (size_t i = 0; i < frames->n_names; i++)
		*find_slot(frames, frames->names[i].origin) = (uint32_t)i + 1;
}

void frames_keep_name(struct frames *frames, const char *origin, char *text)
{
	if (frames->n_names >= frames->n_slots / 2)
		grow_slots(frames);
	mem_grow(frames->names, frames->n_names, frames->cap_names);
	frames->names[frames->n_names++] = (struct frame_name){ origin, text };
	*find_slot(frames, origin) = (uint32_t)frames->n_names;
}

const char *frames_find_name(const struct frames *frames, const char *origin)
{
	const uint32_t *slot = frames->n_slots > 0 ? find_slot(frames, origin) : NULL;

	return slot && *slot ? frames->names[*slot - 1].text : NULL;
}

const char *frames_name(struct frames *frames, const char *name)
{
	const char *kept = name ? frames_find_name(frames, name) : NULL;

	/* Another name may have been there before. */
	if (name && (!kept || strcmp(kept, name) != 0)) {
		frames_keep_name(frames, name, mem_copy(name, strlen(name)));
		kept = frames->names[frames->n_names - 1].text;
	}
	return kept;
}

/* Frames at one address, or in one function, share their names, which all their rows show. */
#define ROOM_FOR_LONG_NAMES (UINT64_C(64) << 20)

uint64_t frames_room(const struct frames *frames)
{
	return ROOM_FOR_LONG_NAMES + frames->n * FRAME_NAME_USUAL;
}

static bool have_room(const struct frames *frames)
{
	uint64_t room = frames_room(frames);

	for (size_t i = 0; i < frames->n; i++) {
		const struct location *location = &frames->locations[frames->frames[i].location];
		uint64_t len = (location->function ? strlen(location->function) : 0) +
			       (location->source ? strlen(location->source) : 0);

		if (len > room)
			return false;
		room -= len;
	}
	return true;
}

bool frames_cut_names(struct frames *frames)
{
	if (have_room(frames))
		return false;
	for (size_t i = 0; i < frames->n_names; i++) {
		char *text = frames->names[i].text;

		text[text_cut(text, strlen(text), FRAME_NAME_USUAL)] = '\0';
	}
	return true;
}

uint64_t frame_size(const struct frame *frame)
{
	return frame->end == UNKNOWN ? UNKNOWN : frame->end - frame->start;
}

uint64_t frames_size(const struct frames *frames)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < frames->n; i++)
		if (frame_size(&frames->frames[i]) != UNKNOWN)
			sum += frame_size(&frames->frames[i]);
	return sum;
}
