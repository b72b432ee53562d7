/* SPDX-License-Identifier: MIT */
#pragma once

/* Prints where the library's code and data are. `self`: the file, as the caller knows which one it loaded. */
void library_tell(const char *self);
