/* SPDX-License-Identifier: MIT */
/*
 * Text of unknown origin in an XML document. Whatever its bytes are, the document stays well-formed UTF-8.
 */
#pragma once

#include <stddef.h>

#include "base/out.h"

/*
 * Any bytes, as content or between quotation marks. Each byte that is not UTF-8 becomes U+FFFD, and so does
 * each character that XML forbids or that could hide or reorder the text around it (text_is_unsafe()).
 */
void xml_text(struct out *out, const char *text, size_t len);
