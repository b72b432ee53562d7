/* SPDX-License-Identifier: MIT */
/*
 * Facts about the files that code is mapped from: headers, owner, access, seals. Read once, for all
 * checks.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "elf/security_traits.h"
#include "model/space.h"
#include "source/source.h"

struct file_evidence {
	uint32_t code; /* its first region that may be executed, or NO_REGION */
	bool is_module;
	bool is_known; /* mode, owner and changed are valid */
	unsigned mode;
	uint64_t owner;
	int64_t changed; /* when its contents last changed, in seconds since 1970 */
	bool has_directory;
	unsigned directory_mode;
	int seals; /* F_SEAL_*, or negative: not known */
	struct traits traits;
};

struct evidence {
	struct file_evidence *files; /* by index of facts.objects */
	uint64_t root; /* owner of the target's root directory, if it has users of its own; or UNKNOWN */
	size_t n_modules, n_unread; /* modules, and those whose files could not be read */
};

/* Release with evidence_done(). */
void evidence_read(struct evidence *evidence, struct source *source, const struct space *space);
void evidence_done(struct evidence *evidence);
