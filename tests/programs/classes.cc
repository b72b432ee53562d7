/* SPDX-License-Identifier: MIT */
/* Objects of known classes. Prints a line for each class: its name as in a debugger, a tab, and the count. */
#include "program.h"

namespace
{

struct Hidden {
	virtual ~Hidden() = default;
	char text[200];
};

} // namespace

struct Session {
	virtual ~Session() = default;
	long id[10];
};

namespace net
{

struct Buffered {
	virtual ~Buffered() = default;
	int room;
};

struct Connection : Session, Buffered {
	int socket;
};

struct Shared : virtual Buffered {
	long users;
};

template <class T> struct Box {
	virtual ~Box() = default;
	T value;
};

} // namespace net

/* A class without a vtable. */
struct Plain {
	long words[8];
};

static void *kept[8192];
static int n_kept;

template <class T> static void make(const char *name, int n)
{
	for (int i = 0; i < n; i++)
		kept[n_kept++] = new T;
	if (name)
		printf("%s\t%d\n", name, n);
}

template <class T> static void make_arrays(const char *name, int n, int length)
{
	for (int i = 0; i < n; i++)
		kept[n_kept++] = new T[length];
	printf("%s\t%d\n", name, n);
}

int main()
{
	setvbuf(stdout, nullptr, _IONBF, 0);
	make<Session>("Session", 1000);
	make<net::Connection>("net::Connection", 500);
	make<net::Shared>("net::Shared", 100);
	make<net::Box<net::Buffered>>("net::Box<net::Buffered>", 300);
	make<Hidden>("(anonymous namespace)::Hidden", 200);
	make<Plain>(nullptr, 400);
	make_arrays<Session>("Session[]", 30, 10);
	make_arrays<net::Box<char>>("net::Box<char>[]", 20, 2);
	/* Freed objects must not be counted. */
	for (int i = 0; i < 100; i++)
		delete new Session;
	ready();
	wait_for_end();
}
