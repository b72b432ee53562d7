/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "proc/parse_cgroup.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void assert_path(const char *text, const char *path)
{
	char *found = parse_cgroup(text);

	if (path)
		cr_assert_str_eq(found, path);
	else
		cr_assert_null(found);
	free(found);
}

Test(parse_cgroup, version_2)
{
	assert_path("0::/user.slice/a:b.scope\n", "/user.slice/a:b.scope");
}

Test(parse_cgroup, memory_controller_of_version_1_comes_first)
{
	assert_path("12:cpu,cpuacct:/x\n11:hugetlb,memory:/docker/1\n1:name=systemd:/y\n0::/z\n",
		    "/docker/1");
	assert_path("0::/z\n11:memory:/docker/1\n", "/docker/1");
}

Test(parse_cgroup, nothing_to_be_found)
{
	assert_path("", NULL);
	assert_path("3:memoryless:/x\n", NULL);
	assert_path("no colon\n:\n", NULL);
}

static void assert_container(const char *path, const char *container)
{
	size_t len = 0;
	const char *found = cgroup_container(path, &len);

	if (!container) {
		cr_assert_null(found, "%s", path);
		return;
	}
	cr_assert_not_null(found, "%s", path);
	cr_assert_eq(len, strlen(container), "%s", path);
	cr_assert_arr_eq(found, container, len);
}

Test(cgroup_container, by_convention)
{
	assert_container("/docker/" ID, ID);
	assert_container("/system.slice/docker-" ID ".scope", ID);
	assert_container("/machine.slice/libpod-" ID ".scope/container", ID);
	assert_container("/kubepods.slice/kubepods-pod1.slice/cri-containerd-" ID ".scope", ID);
	assert_container("/lxc/web", "web");
	assert_container("/lxc.payload.web/init.scope", "web");
	assert_container("/machine.slice/machine-deb.scope", "deb");
}

Test(cgroup_container, of_two_the_inner_one)
{
	assert_container("/lxc/outer/docker/" ID, ID);
}

Test(cgroup_container, none)
{
	assert_container("/", NULL);
	assert_container("", NULL);
	assert_container("/user.slice/user-0.slice", NULL);
	assert_container("/machine.slice/libpod-conmon-" ID ".scope", NULL);
	assert_container("/x/" ID "0", NULL);
	assert_container("/lxc.payload.", NULL);
}
