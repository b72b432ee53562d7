/* SPDX-License-Identifier: MIT */
/*
 * A program for another machine, without a C library: prints an address of each kind of memory, as KIND
 * ADDRESS, and then crashes by reading an address that is not mapped.
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

/* The registers of a system call: its number and six arguments. */
#define REGISTERS(NR, R0, R1, R2, R3, R4, R5)  \
	register long nr __asm__(NR) = number; \
	register long r0 __asm__(R0) = a;      \
	register long r1 __asm__(R1) = b;      \
	register long r2 __asm__(R2) = c;      \
	register long r3 __asm__(R3) = d;      \
	register long r4 __asm__(R4) = e;      \
	register long r5 __asm__(R5) = f

static long call(long number, long a, long b, long c, long d, long e, long f)
{
#if defined(__powerpc64__)
	REGISTERS("r0", "r3", "r4", "r5", "r6", "r7", "r8");

	__asm__ volatile("sc"
			 : "+r"(r0), "+r"(nr), "+r"(r1), "+r"(r2), "+r"(r3), "+r"(r4), "+r"(r5)
			 :
			 : "memory", "cr0", "r9", "r10", "r11", "r12", "ctr");
#else
#if defined(__aarch64__)
	REGISTERS("x8", "x0", "x1", "x2", "x3", "x4", "x5");
#else
	REGISTERS("r7", "r0", "r1", "r2", "r3", "r4", "r5");
#endif

	__asm__ volatile("svc 0"
			 : "+r"(r0)
			 : "r"(nr), "r"(r1), "r"(r2), "r"(r3), "r"(r4), "r"(r5)
			 : "memory");
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
	/* Readable, writable, private and anonymous. */
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
