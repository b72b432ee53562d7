/* SPDX-License-Identifier: MIT */
/*
 * Preloaded into memmap: reads the memory of another process with a pause within each piece, as the kernel
 * may make one anywhere. The threads that own the memory go on meanwhile.
 */
#define _GNU_SOURCE
#include <stdbool.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define BEFORE_PAUSE 64 /* bytes */
#define PAUSE 1000	/* microseconds */

static bool read_piece(pid_t pid, const struct iovec *to, const struct iovec *from, size_t begin, size_t end)
{
	struct iovec here = { (char *)to->iov_base + begin, end - begin };
	struct iovec there = { (char *)from->iov_base + begin, end - begin };

	return syscall(SYS_process_vm_readv, pid, &here, 1, &there, 1, 0) == (ssize_t)(end - begin);
}

ssize_t process_vm_readv(pid_t pid, const struct iovec *here, unsigned long n, const struct iovec *there,
			 unsigned long n_there, unsigned long flags)
{
	ssize_t sum = 0;

	(void)n_there;
	(void)flags;
	for (unsigned long i = 0; i < n; i++) {
		size_t len = here[i].iov_len;
		size_t half = len < BEFORE_PAUSE ? len : BEFORE_PAUSE;

		if (!read_piece(pid, &here[i], &there[i], 0, half))
			break;
		usleep(len > half ? PAUSE : 0);
		if (len > half && !read_piece(pid, &here[i], &there[i], half, len))
			break;
		sum += (ssize_t)len;
	}
	return n > 0 && sum == 0 ? -1 : sum;
}
