/* SPDX-License-Identifier: MIT */
#include "model/request.h"

#define RESIDENT_COUNTERS (COUNTER_BIT(COUNTER_RSS) | COUNTER_BIT(COUNTER_SWAP))

enum reading request_reading(const struct request *request)
{
	if (request->counters & ~RESIDENT_COUNTERS || request->needs & (NEED_FLAGS | NEED_CHECKS))
		return READ_SMAPS;
	if (request->counters)
		return request->must_read_smaps ? READ_SMAPS : READ_PAGES;
	return READ_MAPS;
}
