/* SPDX-License-Identifier: MIT */
#include "model/frames.h"

#include <stdlib.h>

#include "base/util.h"

void frames_free(struct frames *frames)
{
	if (!frames)
		return;
	for (size_t i = 0; i < frames->n_locations; i++) {
		free(frames->locations[i].function);
		free(frames->locations[i].source);
	}
	free(frames->locations);
	free(frames->frames);
	free(frames);
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
