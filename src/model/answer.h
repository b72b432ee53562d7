/* SPDX-License-Identifier: MIT */
/*
 * Yes, no or not known.
 */
#pragma once

enum answer { ANSWER_NO, ANSWER_YES, ANSWER_UNKNOWN };
