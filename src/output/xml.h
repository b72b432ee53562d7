/* SPDX-License-Identifier: MIT */
/*
 * Text of unknown origin in an XML document. Whatever bytes there are, the document stays well-formed UTF-8.
 */
#pragma once

#include <stddef.h>

#include "base/out.h"

/*
 * Any bytes, as content or between quotation marks. What is not UTF-8, what XML forbids, and what could hide or
 * reorder the text around it (text_is_unsafe()) becomes U+FFFD, byte by byte or character by character.
 */
void xml_text(struct out *out, const char *text, size_t len);
