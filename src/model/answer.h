/* SPDX-License-Identifier: MIT */
/*
 * Yes or no, where that may not be known.
 */
#pragma once

enum answer { ANSWER_NO, ANSWER_YES, ANSWER_UNKNOWN };
