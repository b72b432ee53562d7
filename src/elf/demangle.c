/* SPDX-License-Identifier: MIT */
#include "elf/demangle.h"

#include "base/util.h"
#include "config.h"

#ifdef HAVE_DEMANGLE

#include <libiberty/demangle.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/time.h>

#include "base/clock.h"
#include "base/digits.h"
#include "base/mem.h"

/* A short name may expand to many gigabytes, by repeating its parts again and again. */
#define OUTPUT_MAX (64 << 10)

/*
 * A short name may also keep libiberty busy for years before it prints anything. In microseconds of
 * CPU time: what all names may take, what each character of a name adds to it, which is many times
 * what it usually needs, and what one name may take.
 */
#define TIME_IN_ALL 2000000
#define TIME_PER_CHAR 2
#define TIME_PER_NAME 200000
#define TIME_AGAIN 10000 /* until the next signal */

struct output {
	char text[OUTPUT_MAX];
	size_t len;
	sigjmp_buf gave_up;
};

/* What this thread may give up. */
static _Thread_local struct output *volatile current;

/* ---- time ---- */

static void on_timer(int number _unused_)
{
	if (current)
		siglongjmp(current->gave_up, 1);
}

/* The signal may come to another thread, which ignores it: it is sent again. */
static void set_timer(int64_t time)
{
	const struct itimerval timer = {
		.it_value = { .tv_sec = time / 1000000, .tv_usec = time % 1000000 },
		.it_interval.tv_usec = time > 0 ? TIME_AGAIN : 0,
	};

	setitimer(ITIMER_VIRTUAL, &timer, NULL);
}

/* With SA_NODEFER, no jump need restore which signals are blocked: that takes a system call. */
static void expect_timer(void)
{
	static _Thread_local bool is_expected;
	const struct sigaction action = { .sa_handler = on_timer, .sa_flags = SA_RESTART | SA_NODEFER };
	sigset_t set;

	if (is_expected)
		return;
	sigaction(SIGVTALRM, &action, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGVTALRM);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	is_expected = true;
}

static int64_t time_used(void)
{
	return (int64_t)(clock_ns(CLOCK_THREAD_CPUTIME_ID) / 1000);
}

/* ---- libiberty ---- */

/* A jump is the only way to stop libiberty. What it prints for Rust may be nothing, at no address. */
static void append(const char *text, size_t len, void *opaque)
{
	struct output *output = opaque;

	if (len == 0)
		return;
	if (len > OUTPUT_MAX - output->len)
		siglongjmp(output->gave_up, 1);
	memcpy(output->text + output->len, text, len);
	output->len += len;
}

/*
 * A jump is safe at any instant: cplus_demangle_v3_callback() keeps all it has on the stack. Neither
 * it nor append() allocates memory or takes a lock.
 */
static bool print_in_time(const char *name, struct output *output, int64_t time)
{
	volatile bool is_done = false;

	if (sigsetjmp(output->gave_up, 0) == 0) {
		current = output;
		set_timer(time);
		is_done = cplus_demangle_v3_callback(name, DMGL_PARAMS | DMGL_ANSI, append, output);
	}
	current = NULL;
	set_timer(0);
	return is_done;
}

static bool print_cplusplus(const char *name, struct output *output)
{
	static _Thread_local int64_t left = TIME_IN_ALL;
	int64_t start = time_used();
	bool is_done;

	left = MIN(left + TIME_PER_CHAR * (int64_t)strlen(name), TIME_IN_ALL);
	if (left <= 0)
		return false;
	expect_timer();
	is_done = print_in_time(name, output, MIN(left, TIME_PER_NAME));
	left -= time_used() - start;
	return is_done;
}

/*
 * A function type may have up to 2^64 lifetimes, in base 62 between "G" and "_", and libiberty counts
 * them even where it does not print them.
 */
static bool has_many_lifetimes(const char *name)
{
	for (const char *at = name; (at = strchr(at, 'G')); at++) {
		size_t n = 1;

		while (is_letter_or_digit(at[n]))
			n++;
		if (n > 3 && at[n] == '_' && at > name && (at[-1] == 'F' || at[-1] == 'D'))
			return true;
	}
	return false;
}

/* A timer cannot stop this, as it may be allocating memory. Its time is linear without many lifetimes. */
static bool print_rust(const char *name, struct output *output)
{
	return !has_many_lifetimes(name) && sigsetjmp(output->gave_up, 0) == 0 &&
	       rust_demangle_callback(name, DMGL_PARAMS | DMGL_ANSI, append, output);
}

char *demangle(const char *name)
{
	size_t len = strcspn(name, "@");
	_cleanup_free_ char *unversioned = mem_copy(name, len);
	struct output output;

	output.len = 0;
	/* Rust first: its older names are C++ names with a hash as the last part. */
	if (!print_rust(unversioned, &output) && !print_cplusplus(unversioned, &output))
		return NULL;
	return output.len > 0 ? mem_format("%.*s%s", (int)output.len, output.text, name + len) : NULL;
}

bool can_demangle(void)
{
	return true;
}

#else

bool can_demangle(void)
{
	return false;
}

char *demangle(const char *name _unused_)
{
	return NULL;
}

#endif
