/* SPDX-License-Identifier: MIT */
#include "core/crash_signals.h"

#include <elf.h>
#include <signal.h>
#include <stddef.h>

#include "base/util.h"

static const struct signal {
	int number;
	const char *name;
	bool has_address;
} signals[] = {
	{ 3, "SIGQUIT", false },  { 4, "SIGILL", true },   { 5, "SIGTRAP", true },  { 6, "SIGABRT", false },
	{ 7, "SIGBUS", true },	  { 8, "SIGFPE", true },   { 11, "SIGSEGV", true }, { 24, "SIGXCPU", false },
	{ 25, "SIGXFSZ", false }, { 31, "SIGSYS", false },
};

static bool has_own_numbers(unsigned machine)
{
	static const unsigned machines[] = { EM_MIPS,	 EM_SPARC, EM_SPARC32PLUS,
					     EM_SPARCV9, EM_ALPHA, EM_PARISC };

	for (size_t i = 0; i < ARRAY_SIZE(machines); i++)
		if (machines[i] == machine)
			return true;
	return false;
}

static const struct signal *find(unsigned machine, int number)
{
	for (size_t i = 0; i < ARRAY_SIZE(signals) && !has_own_numbers(machine); i++)
		if (signals[i].number == number)
			return &signals[i];
	return NULL;
}

bool core_signal_ends(unsigned machine, int number)
{
	return find(machine, number) || (has_own_numbers(machine) && number > 0);
}

const char *core_signal_name(unsigned machine, int number)
{
	const struct signal *signal = find(machine, number);

	return signal ? signal->name : NULL;
}

/* SI_KERNEL: from the kernel, but without an address, as for a non-canonical one on x86. */
#define FROM_KERNEL_WITHOUT_ADDRESS 0x80

bool core_signal_has_address(unsigned machine, int number, int code)
{
	const struct signal *signal = find(machine, number);

	return signal && signal->has_address && code > 0 && code != FROM_KERNEL_WITHOUT_ADDRESS;
}

bool core_signal_is_sent(unsigned machine, int code)
{
	return !has_own_numbers(machine) && (code == SI_USER || code == SI_QUEUE || code == SI_TKILL);
}
