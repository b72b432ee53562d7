/* SPDX-License-Identifier: MIT */
/*
 * What has become of the file of a mapping.
 */
#pragma once

#include "model/facts.h"
#include "proc/process.h"

/* Whether the path of `object` still leads to its file. If its headers are wanted, read them first. */
enum file_state object_state(struct proc *proc, const struct facts *facts, const struct object *object);
