/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/mem.h"
#include "fuzz.h"
#include "model/facts.h"
#include "proc/parse_status.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = mem_copy(data, size);
	struct proc_stat stat;
	uint64_t value;

	if (parse_stat(text, size, &stat))
		require(stat.state != '\0' && memchr(text, ')', size));
	if (parse_status_number(text, "VmSize") != UNKNOWN)
		require(strstr(text, "VmSize:"));
	if (parse_status_hex(text, "CapPrm", &value))
		require(strstr(text, "CapPrm:"));
	return 0;
}
