/* SPDX-License-Identifier: MIT */
#include "runtime/vdso32.h"

#include "base/util.h"

#ifdef __x86_64__

#include <asm/prctl.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/mem.h"

/* Calls `act` for each mapping of ours whose name begins with `name`, which no path does. */
static void find_own(const char *name, void (*act)(char *start, size_t len, int fd), int fd)
{
	_cleanup_fclose_ FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long long start, end;
	char line[512];
	int at;

	while (maps && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%llx-%llx %*s %*s %*s %*s %n", &start, &end, &at) == 2 &&
		    strncmp(line + at, name, strlen(name)) == 0)
			act((char *)(uintptr_t)start, (size_t)(end - start), fd);
}

static void unmap(char *start, size_t len, int fd _unused_)
{
	munmap(start, len);
}

static void send(char *start, size_t len, int fd)
{
	ssize_t n;

	for (size_t at = 0; at < len; at += (size_t)n) {
		n = write(fd, start + at, len - at);
		if (n <= 0)
			return;
	}
}

/* A process has only one vdso: ours is unmapped first, and with it what the C library would call there. */
static void send_vdso32(int fd)
{
	find_own("[v", unmap, -1);
	if (syscall(SYS_arch_prctl, ARCH_MAP_VDSO_32, 0) > 0)
		find_own("[vdso]", send, fd);
}

static size_t receive(int fd, char *bytes, size_t size)
{
	size_t len = 0;
	ssize_t n;

	while (len < size && (n = read(fd, bytes + len, size - len)) > 0)
		len += (size_t)n;
	return len;
}

char *read_vdso32(size_t size, size_t *ret_len)
{
	_cleanup_close_ int in = -1;
	_cleanup_close_ int out = -1;
	char *bytes;
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return NULL;
	in = ends[0];
	out = ends[1];
	child = fork();
	if (child == 0) {
		send_vdso32(out);
		_exit(0);
	}
	close(steal_fd(&out));
	if (child < 0)
		return NULL;
	bytes = mem_alloc(size);
	*ret_len = receive(in, bytes, size);
	close(steal_fd(&in));
	waitpid(child, NULL, 0);
	return bytes;
}

#else

char *read_vdso32(size_t size _unused_, size_t *ret_len _unused_)
{
	return NULL;
}

#endif
