/* SPDX-License-Identifier: MIT */
/*
 * Executes a program (argv[2]) on a FUSE file system, mounted at a directory (argv[1]) in a separate mount
 * namespace. Prints the PID of its server, which can be stopped: the kernel does not cache names and
 * attributes. With "names" as a third argument, it caches names. With others, execve(2) does not end: with
 * "flush", the process executes argv[2] itself, and the server does not let it close the file; "late" is the
 * same, but waits for SIGUSR1 first; with "read", a second thread executes the file, and the server does not let
 * it read.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "program.h"

#define FILE_ID 2

static int program_fd;
static uint32_t unanswered; /* a FUSE opcode; 0: none */
static bool caches_names;
static char path[4096];

static void fill(struct fuse_attr *attr, uint64_t id)
{
	struct stat st;

	require(fstat(program_fd, &st) == 0, "fstat");
	*attr = (struct fuse_attr){ .ino = id, .nlink = 1, .blksize = 4096 };
	attr->mode = id == FILE_ID ? S_IFREG | 0755 : S_IFDIR | 0755;
	attr->size = id == FILE_ID ? (uint64_t)st.st_size : 0;
}

/* Returns the length of the answer's body, or a negative errno. */
static int answer(const struct fuse_in_header *in, const void *body, char *out, size_t size)
{
	const struct fuse_read_in *read_in = body;
	struct fuse_entry_out *entry = (void *)out;
	struct fuse_attr_out *attr = (void *)out;
	struct fuse_init_out *init = (void *)out;

	memset(out, 0, 512);
	switch (in->opcode) {
	case FUSE_INIT:
		*init = (struct fuse_init_out){
			.major = 7, .minor = 31, .max_write = 1 << 16, .max_readahead = 1 << 16
		};
		return sizeof(*init);
	case FUSE_LOOKUP:
		if (strcmp(body, "program") != 0)
			return -ENOENT;
		entry->nodeid = FILE_ID;
		entry->entry_valid = caches_names ? 3600 : 0;
		fill(&entry->attr, FILE_ID);
		return sizeof(*entry);
	case FUSE_GETATTR:
		fill(&attr->attr, in->nodeid);
		return sizeof(*attr);
	case FUSE_OPEN:
	case FUSE_OPENDIR:
		return sizeof(struct fuse_open_out);
	case FUSE_READ:
		return (int)pread(program_fd, out, read_in->size < size ? read_in->size : size,
				  (off_t)read_in->offset);
	case FUSE_STATFS:
		return sizeof(struct fuse_statfs_out);
	case FUSE_RELEASE:
	case FUSE_FLUSH:
	case FUSE_RELEASEDIR:
		return 0;
	default:
		return -ENOSYS;
	}
}

static void serve(int fuse_fd)
{
	static char request[1 << 17];
	static struct {
		struct fuse_out_header header;
		char body[1 << 17];
	} reply;

	while (read(fuse_fd, request, sizeof(request)) > 0) {
		const struct fuse_in_header *in = (void *)request;
		size_t len;
		int n;

		if (unanswered && in->opcode == unanswered) {
			ready();
			continue;
		}
		n = answer(in, in + 1, reply.body, sizeof(reply.body));
		len = sizeof(reply.header) + (n > 0 ? (size_t)n : 0);
		if (in->opcode == FUSE_FORGET || in->opcode == FUSE_BATCH_FORGET)
			continue;
		reply.header = (struct fuse_out_header){ (uint32_t)len, n < 0 ? n : 0, in->unique };
		if (write(fuse_fd, &reply, len) < 0 && errno != ENOENT)
			break;
	}
	_exit(0);
}

static void *execute(void *file)
{
	execl(file, file, NULL);
	require(0, file);
	return NULL;
}

static void wait_for_signal(void)
{
	sigset_t set;
	int number;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	ready();
	sigwait(&set, &number);
}

static void execute_for_ever(const char *program, bool is_late)
{
	pthread_t thread;

	if (unanswered == FUSE_FLUSH) {
		require(open(path, O_RDONLY | O_CLOEXEC) >= 0, path);
		if (is_late)
			wait_for_signal();
		execute((void *)program);
	}
	require(pthread_create(&thread, NULL, execute, path) == 0, "pthread_create");
	wait_for_end();
}

int main(int argc, char **argv)
{
	char options[200];
	int fuse_fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	pid_t server;

	require(argc >= 3 && fuse_fd >= 0, "/dev/fuse");
	program_fd = open(argv[2], O_RDONLY | O_CLOEXEC);
	require(program_fd >= 0, argv[2]);
	require(unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0,
		"unshare");
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", fuse_fd);
	require(mount("program", argv[1], "fuse", 0, options) == 0, "mount");
	caches_names = argc > 3 && strcmp(argv[3], "names") == 0;
	if (argc > 3 && !caches_names)
		unanswered = strcmp(argv[3], "read") == 0 ? FUSE_READ : FUSE_FLUSH;
	server = fork();
	require(server >= 0, "fork");
	if (server == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(fuse_fd);
	}
	close(fuse_fd);
	printf("%d\n", server);
	fflush(stdout);
	snprintf(path, sizeof(path), "%s/program", argv[1]);
	if (unanswered)
		execute_for_ever(argv[2], strcmp(argv[3], "late") == 0);
	execute(path);
}
