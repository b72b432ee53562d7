/* SPDX-License-Identifier: MIT */
/*
 * The input is the contents of the files of a recorded process and its threads, one after the other, with a
 * NUL between them. A missing file is empty.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/util.h"
#include "fuzz.h"
#include "model/facts.h"
#include "proc/process.h"
#include "proc/threads.h"

#define PROCESS 100

static const char *const files[] = {
	"status",
	"stat",
	"task/100/stat",
	"task/100/comm",
	"task/100/syscall",
	"task/100/status",
	"task/2147483647/stat",
	"task/2147483647/comm",
	"task/2147483647/syscall",
	"task/2147483647/status",
	"task/007/syscall",
};

static const char *const folders[] = {
	"100", "100/task", "100/task/100", "100/task/2147483647", "100/task/007", "100/task/2147483648",
};

/* In memory: on a disk it takes long to truncate each file. */
static char root[] = "/dev/shm/fuzz-threads-XXXXXX";

static void remove_tree(void)
{
	char path[128];

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), "%s/%d/%s", root, PROCESS, files[i]);
		unlink(path);
	}
	for (size_t i = ARRAY_SIZE(folders); i-- > 0;) {
		snprintf(path, sizeof(path), "%s/%s", root, folders[i]);
		rmdir(path);
	}
	rmdir(root);
}

static void make_tree(void)
{
	char path[128];

	require(mkdtemp(root));
	atexit(remove_tree);
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		snprintf(path, sizeof(path), "%s/%s", root, folders[i]);
		require(mkdir(path, 0700) == 0);
	}
}

static void write_files(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		const uint8_t *nul = size > 0 ? memchr(data, '\0', size) : NULL;
		size_t len = nul ? (size_t)(nul - data) : size;
		_cleanup_close_ int fd = -1;
		char path[128];

		snprintf(path, sizeof(path), "%s/%d/%s", root, PROCESS, files[i]);
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		require(fd >= 0 && write(fd, data, len) == (ssize_t)len);
		data += len + (nul != NULL);
		size -= len + (nul != NULL);
	}
}

static void require_threads(const struct facts *facts)
{
	for (size_t i = 0; i < facts->n_threads; i++) {
		const struct thread *thread = &facts->threads[i];

		require(thread->tid > 0 && thread->inner_tid >= 0);
		require(i == 0 || thread[-1].tid <= thread->tid);
		require(thread->sp != 0 && thread->control == UNKNOWN);
		require(!thread->comm || thread->comm[thread->comm_len] == '\0');
	}
}

static void read_all(bool in_detail)
{
	struct facts facts;
	struct proc proc;
	struct error err;

	if (proc_open(&proc, root, PROCESS, NULL, &err) < 0)
		return;
	facts_init(&facts);
	read_threads(&proc, &facts, in_detail);
	require_threads(&facts);
	facts_done(&facts);
	proc_done(&proc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool has_tree;

	if (!has_tree)
		make_tree();
	has_tree = true;
	write_files(data, size);
	read_all(true);
	read_all(false);
	return 0;
}
