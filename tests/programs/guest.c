/* SPDX-License-Identifier: MIT */
/*
 * A program of another machine, without a C library: prints where things of each kind are, as KIND ADDRESS, and then
 * reads what nobody may.
 */
static const char constant[] = "constant";
static int data = 1;
static int bss[2000];

#if defined(__aarch64__)
enum { NR_WRITE = 64, NR_MMAP = 222 };
#elif defined(__arm__)
enum { NR_WRITE = 4, NR_MMAP = 192 };
#elif defined(__powerpc64__)
enum { NR_WRITE = 4, NR_MMAP = 90 };
#endif

/* A system call: the number, six arguments, and the registers that they go in. */
static long call(long number, long a, long b, long c, long d, long e, long f)
{
#if defined(__aarch64__)
	register long nr __asm__("x8") = number;
	register long r0 __asm__("x0") = a;
	register long r1 __asm__("x1") = b;
	register long r2 __asm__("x2") = c;
	register long r3 __asm__("x3") = d;
	register long r4 __asm__("x4") = e;
	register long r5 __asm__("x5") = f;

	__asm__ volatile("svc 0"
			 : "+r"(r0)
			 : "r"(nr), "r"(r1), "r"(r2), "r"(r3), "r"(r4), "r"(r5)
			 : "memory");
#elif defined(__arm__)
	register long nr __asm__("r7") = number;
	register long r0 __asm__("r0") = a;
	register long r1 __asm__("r1") = b;
	register long r2 __asm__("r2") = c;
	register long r3 __asm__("r3") = d;
	register long r4 __asm__("r4") = e;
	register long r5 __asm__("r5") = f;

	__asm__ volatile("svc 0"
			 : "+r"(r0)
			 : "r"(nr), "r"(r1), "r"(r2), "r"(r3), "r"(r4), "r"(r5)
			 : "memory");
#elif defined(__powerpc64__)
	register long nr __asm__("r0") = number;
	register long r0 __asm__("r3") = a;
	register long r1 __asm__("r4") = b;
	register long r2 __asm__("r5") = c;
	register long r3 __asm__("r6") = d;
	register long r4 __asm__("r7") = e;
	register long r5 __asm__("r8") = f;

	__asm__ volatile("sc"
			 : "+r"(r0), "+r"(nr), "+r"(r1), "+r"(r2), "+r"(r3), "+r"(r4), "+r"(r5)
			 :
			 : "memory", "cr0", "r9", "r10", "r11", "r12", "ctr");
#endif
	return r0;
}

static void report(const char *kind, const volatile void *address)
{
	unsigned long number = (unsigned long)address;
	char line[64];
	long n = 0;

	for (; kind[n]; n++)
		line[n] = kind[n];
	line[n++] = ' ';
	for (int shift = 8 * sizeof(number) - 4; shift >= 0; shift -= 4)
		line[n++] = "0123456789abcdef"[number >> shift & 15];
	line[n++] = '\n';
	call(NR_WRITE, 1, (long)line, n, 0, 0, 0);
}

void _start(void)
{
	volatile int local = 0;
	/* To read and write, private and anonymous. */
	char *memory = (char *)call(NR_MMAP, 0, 3 << 20, 3, 0x22, -1, 0);

	*memory = 1;
	bss[1000] = data;
	report("text", (void *)_start);
	report("rodata", constant);
	report("data", &data);
	report("bss", &bss[1000]);
	report("stack", &local);
	report("anon", memory);
	*(volatile int *)16 = 1;
}
