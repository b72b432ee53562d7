/* SPDX-License-Identifier: MIT */
/*
 * C++ objects that are lost, and others that only a pointer into their middle holds. Each kind has its own
 * size. Prints READY when all are made, and ends when its input closes: a leak checker then reports leaks.
 */
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "program.h"

#define NOINLINE __attribute__((noinline))

static const int n_each = 50;

template <int SIZE> struct Counted {
	~Counted()
	{
		text[0] = 0;
	}
	char text[SIZE];
};

struct First {
	virtual ~First() = default;
	long words[30];
};

struct Second {
	virtual ~Second() = default;
	long more[30];
};

struct Both : First, Second {
	long own[40];
};

struct Larger : First, Second {
	long own[60];
};

struct Peer {
	std::shared_ptr<Peer> other;
	char text[900];
};

struct Named {
	std::string name;
	std::vector<long> numbers;
	std::map<int, Counted<700>> children;
};

/* ---- lost ---- */

static void *volatile sink;

/* Keeps the compiler from leaving out an unused object. */
template <class T> static void lose(T *object)
{
	sink = object;
	sink = nullptr;
}

static NOINLINE void lose_arrays()
{
	for (int i = 0; i < n_each; i++)
		lose(new Counted<100>[3]);
}

static NOINLINE void lose_bases()
{
	for (int i = 0; i < n_each; i++)
		lose(new Both);
}

/* What they own is lost with them: long texts, vectors, trees. */
static NOINLINE void lose_owners()
{
	for (int i = 0; i < n_each; i++) {
		Named *named = new Named;

		named->name.assign(400, 'x');
		named->numbers.resize(250);
		for (int k = 0; k < 5; k++)
			named->children[k];
		lose(named);
	}
}

static NOINLINE void lose_peers()
{
	for (int i = 0; i < n_each; i++) {
		auto one = std::make_shared<Peer>();
		auto two = std::make_shared<Peer>();

		one->other = two;
		two->other = one;
	}
}

/* ---- held ---- */

static Counted<1200> *arrays[n_each];
static Second *seconds[n_each];
static const char *texts[n_each];
static long *ends[n_each];

static NOINLINE void hold()
{
	for (int i = 0; i < n_each; i++) {
		arrays[i] = new Counted<1200>[2];
		seconds[i] = new Larger;
		texts[i] = (new std::string(3000, 'y'))->data() + 10;
		ends[i] = new long[450] + 449;
	}
}

/* Overwrites what earlier calls left on the stack. */
static NOINLINE void scrub()
{
	volatile char room[65536];

	for (char volatile &c : room)
		c = 0;
}

int main()
{
	setvbuf(stdout, nullptr, _IONBF, 0);
	lose_arrays();
	lose_bases();
	lose_owners();
	lose_peers();
	hold();
	scrub();
	ready();
	wait_for_end();
}
