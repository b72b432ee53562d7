/* SPDX-License-Identifier: MIT */
#include "model/perms.h"

#define LETTER(perms, bit, yes, no) ((perms)&PERM_OPEN(bit) ? '?' : (perms) & (bit) ? (yes) : (no))
#define TEXT(perms)                                                                                 \
	{                                                                                           \
		LETTER(perms, PERM_R, 'r', '-'), LETTER(perms, PERM_W, 'w', '-'),                   \
			LETTER(perms, PERM_X, 'x', '-'), LETTER(perms, PERM_SHARED, 's', 'p'), '\0' \
	}
#define TEXTS_4(perms) TEXT(perms), TEXT((perms) + 1), TEXT((perms) + 2), TEXT((perms) + 3)
#define TEXTS_16(perms) TEXTS_4(perms), TEXTS_4((perms) + 4), TEXTS_4((perms) + 8), TEXTS_4((perms) + 12)
#define TEXTS_64(perms) \
	TEXTS_16(perms), TEXTS_16((perms) + 16), TEXTS_16((perms) + 32), TEXTS_16((perms) + 48)

const char perms_texts[256][PERMS_LEN + 1] = { TEXTS_64(0), TEXTS_64(64), TEXTS_64(128), TEXTS_64(192) };
