/* SPDX-License-Identifier: MIT */
/*
 * Reads lines that tell it to make or delete objects, and answers each with a line:
 *
 *   KIND N    makes N more objects of a kind or, if N is negative, deletes the last ones
 *
 * Kinds: Session, Connection (net::Connection), Plain (a class without a vtable), Pair and Triple (arrays of
 * two and three Sessions).
 */
#include <cstring>

#include "program.h"

struct Session {
	virtual ~Session() = default;
	long id[10];
};

namespace net
{

struct Connection : Session {
	long socket[4];
};

} // namespace net

struct Plain {
	long words[8];
};

template <class T> static void *make()
{
	return new T;
}

template <class T> static void drop(void *object)
{
	delete static_cast<T *>(object);
}

template <int N> static void *make_array()
{
	return new Session[N];
}

static void drop_array(void *objects)
{
	delete[] static_cast<Session *>(objects);
}

#define OBJECTS_MAX 8192

static struct {
	const char *name;
	void *(*make)();
	void (*drop)(void *object);
	void *objects[OBJECTS_MAX];
	int n;
} kinds[] = {
	{ "Session", make<Session>, drop<Session> },
	{ "Connection", make<net::Connection>, drop<net::Connection> },
	{ "Plain", make<Plain>, drop<Plain> },
	{ "Pair", make_array<2>, drop_array },
	{ "Triple", make_array<3>, drop_array },
};

static void act(const char *name, int n)
{
	for (auto &kind : kinds) {
		if (strcmp(kind.name, name) != 0)
			continue;
		for (; n > 0; n--)
			kind.objects[kind.n++] = kind.make();
		for (; n < 0; n++)
			kind.drop(kind.objects[--kind.n]);
	}
}

int main()
{
	char line[100];
	char name[32];
	int n;

	/* stdio's buffers would be blocks, too. */
	setvbuf(stdin, nullptr, _IONBF, 0);
	setvbuf(stdout, nullptr, _IONBF, 0);
	ready();
	while (fgets(line, sizeof(line), stdin) && sscanf(line, "%31s %d", name, &n) == 2) {
		act(name, n);
		puts(line);
	}
}
