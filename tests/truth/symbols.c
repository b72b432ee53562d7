/* SPDX-License-Identifier: MIT */
/*
 * A program with symbols of every sort: with and without a size, nested, several at one address,
 * and addresses without any.
 */
#include <stdio.h>
#include <unistd.h>

int plain(int x);
int weak_alias(int x) __attribute__((weak, alias("plain")));
int _underscored_alias(int x) __attribute__((alias("plain")));
static int local_alias(int x) __attribute__((alias("plain"), used));

int plain(int x)
{
	static int local_static = 1;
	static char local_bss[100];

	return x + local_static++ + local_bss[x];
}

static __attribute__((noinline, used)) int local(int x)
{
	return plain(x) * 3;
}

#ifdef __GLIBC__
static int chosen(int x)
{
	return x;
}

static int (*choose(void))(int)
{
	return chosen;
}

int chooser(int x) __attribute__((ifunc("choose")));
#else
int chooser(int x)
{
	return x;
}
#endif

char page_of_bss[5000];
int common __attribute__((common));
int initialised[7] = { 1 };
const char constant[] = "constant";
int *const relocated[] = { initialised, &common };
__attribute__((aligned(4096))) char with_padding_around[33] = "x";
_Thread_local int per_thread = 1; /* its value is no address */

/* What assemblers make: labels, holes and nested symbols. */
#define SIZED(name, size) ".type " name ", %object\n.size " name ", " size "\n" name ":\n"

__asm__(".pushsection .rodata.symbols, \"a\"\n"
	".zero 16\n"
	".globl outer\n" SIZED(
		"outer", "64") ".zero 8\n"
			       ".globl inner\n" SIZED("inner", "40") ".zero 8\n" SIZED(
				       "innermost",
				       "8") ".zero 4\n"
					    "label_in_sized: .zero 28\n" SIZED(
						    "across",
						    "32") ".zero 64\n"
							  "unsized: .zero 10\n"
							  ".globl unsized_twin\n"
							  "unsized_twin: other_unsized: .zero 10\n" SIZED(
								  "after_unsized",
								  "4") ".zero 20\n"
								       "last_unsized: .zero 24\n"
								       ".popsection\n");

int main(void)
{
	printf("%d\nREADY\n", local(0) + chooser(0) + *relocated[0] + constant[0] + page_of_bss[1] +
				      with_padding_around[0] + per_thread + weak_alias(0));
	fflush(stdout);
	return (int)read(STDIN_FILENO, page_of_bss, 1);
}
