/* SPDX-License-Identifier: MIT */
#include "model/request.h"

#define RESIDENT_FIGURES (FIGURE_BIT(FIGURE_RSS) | FIGURE_BIT(FIGURE_SWAP))

enum reading request_reading(const struct request *request)
{
	if (request->figures & ~RESIDENT_FIGURES || request->needs & NEED_FLAGS)
		return READ_SMAPS;
	if (request->figures)
		return request->must_read_smaps ? READ_SMAPS : READ_PAGES;
	return READ_MAPS;
}
