/* SPDX-License-Identifier: MIT */
/*
 * Files that are looked at before they are opened.
 */
#pragma once

/*
 * Opens for reading what an O_PATH descriptor stands for, without blocking. A descriptor or a negative
 * errno.
 */
int reopen(int path_fd);
