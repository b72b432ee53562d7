/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <string.h>

#include "base/util.h"
#include "config.h"
#include "elf/demangle.h"

static void expect_no_name(const char *name)
{
	_cleanup_free_ char *readable = demangle(name);

	cr_expect_null(readable, "%.99s", name);
}

Test(demangle, names_that_are_not_mangled)
{
	static const char *const names[] = { "",   "@",	  "main", "_start", "i",     "_Z",
					     "_R", "_ZN", "_ZN1", "_ZZZZ",  "\xff\n" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		expect_no_name(names[i]);
}

#ifdef HAVE_DEMANGLE

static void expect(const char *name, const char *wanted)
{
	_cleanup_free_ char *readable = demangle(name);

	cr_assert_not_null(readable, "%s", name);
	cr_expect_str_eq(readable, wanted);
}

Test(demangle, of_cplusplus)
{
	expect("_ZNSt6vectorIiSaIiEE9push_backEOi",
	       "std::vector<int, std::allocator<int> >::push_back(int&&)");
	expect("_ZN4node3fooEv.part.0", "node::foo() [clone .part.0]");
	expect("_ZTV3Foo", "vtable for Foo");
	expect("_ZNSt6localeC1Ev@@GLIBCXX_3.4", "std::locale::locale()@@GLIBCXX_3.4");
}

Test(demangle, of_rust)
{
	expect("_ZN4core3fmt9Formatter3pad17h0123456789abcdefE", "core::fmt::Formatter::pad");
	expect("_RNvCs4fqI2P2rA04_13basic_example3run", "basic_example::run");
}

/* `count` times `part` between `begin` and `end`. */
static char *repeat(const char *begin, const char *part, size_t count, const char *end)
{
	char *name = malloc(strlen(begin) + strlen(part) * count + strlen(end) + 1);
	char *at = stpcpy(name, begin);

	for (size_t i = 0; i < count; i++)
		at = stpcpy(at, part);
	strcpy(at, end);
	return name;
}

Test(demangle, deep_names)
{
	static const char *const names[][3] = {
		{ "_Z1f", "P", "i" }, { "_Z1f", "PF", "v" }, { "_Z1fI", "1AI", "" }, { "_ZN", "1a", "E" },
		{ "_RNv", "Nv", "" }, { "_RMC0", "R", "a" }, { "_RIC0", "T", "" },   { "_ZZ", "N1aE", "E" },
	};

	static const size_t depths[] = { 10, 250, 500, 1000, 200000 };

	for (size_t i = 0; i < ARRAY_SIZE(names) * ARRAY_SIZE(depths); i++) {
		const char *const *parts = names[i % ARRAY_SIZE(names)];
		_cleanup_free_ char *name =
			repeat(parts[0], parts[1], depths[i / ARRAY_SIZE(names)], parts[2]);
		_cleanup_free_ char *readable = demangle(name);

		/* libiberty may accept the name or not: what counts is that it returns. */
		cr_expect(!readable || *readable);
	}
}

/* f<A<int, int>, A<A<int, int>, A<int, int> >, …>(): each argument is twice the one before. */
static char *explosive_name(size_t n)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	char *name = malloc(64 + 16 * n);
	char *at = stpcpy(name, "_Z1fI1AIiiE");

	for (size_t i = 1; i <= n; i++)
		at += sprintf(at, "S0_IS%c_S%c_E", digits[i], digits[i]);
	strcpy(at, "Evv");
	return name;
}

Test(demangle, names_that_explode)
{
	_cleanup_free_ char *small = explosive_name(1);
	_cleanup_free_ char *large = explosive_name(34);

	expect(small, "void f<A<int, int>, A<A<int, int>, A<int, int> > >()");
	expect_no_name(large);
}

/* Pack expansion of a function type: each parameter is twice the one before. Nothing is printed. */
static char *searched_name(size_t n)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	char *name = malloc(64 + 16 * n);
	char *at = stpcpy(name, "_ZTSDpFvFvvEFvS_S_E");

	for (size_t i = 0; i < n; i++)
		at += sprintf(at, "FvS%c_S%c_E", digits[i], digits[i]);
	strcpy(at, "E");
	return name;
}

/* Template arguments of a conversion operator: each is parsed twice. */
static char *reparsed_name(size_t n)
{
	char *name = malloc(64 + 4 * n);
	char *at = stpcpy(name, "_ZN1Acv");

	for (size_t i = 0; i < n; i++)
		at = stpcpy(at, "T_I");
	*at++ = 'i';
	memset(at, 'E', n + 1);
	strcpy(at + n + 1, "vv");
	return name;
}

Test(demangle, names_that_take_for_ever)
{
	_cleanup_free_ char *small = searched_name(1);
	_cleanup_free_ char *searched = searched_name(36);
	_cleanup_free_ char *reparsed = reparsed_name(60);

	expect(small,
	       "typeinfo name for (void (void (), void (void (), void ()), void (void (void (), void ()), "
	       "void (void (), void ()))))...");
	/* So many that a limit for each would not be enough. */
	for (size_t i = 0; i < 300; i++) {
		expect_no_name(searched);
		expect_no_name(reparsed);
	}
	expect_no_name("_RMIC0FGzzzzzzzzzz_EuEu");
}

Test(demangle, lifetimes_of_rust)
{
	expect("_RMC0FG0_RL0_uEu", "<for<'a, 'b> fn(&'b ())>");
}

#endif
