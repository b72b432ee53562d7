/* SPDX-License-Identifier: MIT */
#pragma once

/* Tell where the library's things are; the caller knows which file it has loaded. */
void library_tell(const char *self);
