/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/fold_name.h"
#include "base/util.h"

static void expect(const char *name, const char *folded)
{
	_cleanup_free_ char *got = fold_name(name, strlen(name));

	cr_expect_str_eq(got, folded, "%s: %s", name, got);
}

Test(fold_name, what_stays)
{
	expect("", "");
	expect("[heap]", "[heap]");
	expect("/usr/lib/libcrypt.so", "/usr/lib/libcrypt.so");
	expect("/tmp/mydata", "/tmp/mydata");
	expect("/opt/decade/facade", "/opt/decade/facade");
}

Test(fold_name, numbers)
{
	expect("/tmp/perf-1234.map", "/tmp/perf-#.map");
	expect("/tmp/hsperfdata_joe/4711", "/tmp/hsperfdata_joe/#");
	expect("/usr/lib/libicudata.so.72.1", "/usr/lib/libicudata.so.#.#");
	expect("[stack:1234]", "[stack:#]");
	expect("socket:[81234]", "socket:[#]");
	expect("worker-12", "worker-#");
}

Test(fold_name, files_without_a_name)
{
	expect("/tmp/#1234567 (deleted)", "/tmp/#");
	expect("/memfd:pulseaudio (deleted)", "/memfd:pulseaudio");
	expect("/memfd:ring-17 (deleted)", "/memfd:ring-#");
	expect("/SYSV0052e2c1 (deleted)", "/SYSV#e#c#");
}

Test(fold_name, temporary_names)
{
	expect("/tmp/ffiX7kQ2a (deleted)", "/tmp/ffi#");
	expect("/tmp/jna-3506402/jna10485309348.tmp", "/tmp/jna-#/jna#.tmp");
	expect("/dev/shm/.org.chromium.Chromium.aB3dEf", "/dev/shm/.org.chromium.Chromium.#");
	expect("/usr/share/X7kQ2a", "/usr/share/X#kQ#a");
}

Test(fold_name, hashes)
{
	expect("/usr/lib/debug/.build-id/ab/cdefabcdefabcdef.debug", "/usr/lib/debug/.build-id/#/#.debug");
	expect("/var/lib/docker/overlay2/9f86d081884c7d659a2feaa0c55ad015/diff/bin/p",
	       "/var/lib/docker/overlay#/#/diff/bin/p");
	expect("/run/x/0f0e1d2c-3b4a-5968-7786-95a4b3c2d1e0", "/run/x/#-#-#-#-#");
	expect("/nix/store/5n8mz6hbv7lsrmz02jb2gk8ilkkbjybh-glibc/lib/libc.so",
	       "/nix/store/#-glibc/lib/libc.so");
}
