/* SPDX-License-Identifier: MIT */
/*
 * What files say that code is mapped from: headers, owner, access, seals. Read once, for all checks.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "elf/security_traits.h"
#include "model/space.h"
#include "source/source.h"

struct file_evidence {
	uint32_t code; /* the first region of it that may be run, or NO_REGION */
	bool is_module;
	bool is_known; /* mode, owner and changed are */
	unsigned mode;
	uint64_t owner;
	int64_t changed; /* its contents, in seconds since 1970 */
	bool has_directory;
	unsigned directory_mode;
	int seals; /* F_SEAL_*, or negative: not known */
	struct traits traits;
};

struct evidence {
	struct file_evidence *files; /* by index of facts.objects */
	uint64_t root; /* where users are the target's own: whose its root directory is; or UNKNOWN */
	size_t n_modules, n_unread; /* modules, and those whose files could not be read */
};

/* Done with evidence_done(). */
void evidence_read(struct evidence *evidence, struct source *source, const struct space *space);
void evidence_done(struct evidence *evidence);
