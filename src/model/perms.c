/* SPDX-License-Identifier: MIT */
#include "model/perms.h"

const char perms_texts[16][5] = {
	"---p", "--xp", "-w-p", "-wxp", "r--p", "r-xp", "rw-p", "rwxp",
	"---s", "--xs", "-w-s", "-wxs", "r--s", "r-xs", "rw-s", "rwxs",
};
