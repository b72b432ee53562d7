/* SPDX-License-Identifier: MIT */
/*
 * What has become of the file of a mapping.
 */
#pragma once

#include "model/facts.h"
#include "proc/process.h"

/*
 * Whether its path still leads to it. Its headers must have been looked for, if they are to be.
 */
enum file_state object_state(struct proc *proc, const struct facts *facts, const struct object *object);
