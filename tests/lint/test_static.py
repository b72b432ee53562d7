# SPDX-License-Identifier: MIT
"""A static build needs nothing on the machine where it runs, and shows the same."""
import json
import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT, Process, memmap_json, missing, need
from helpers.kernel import wait_for_rest
from helpers.programs import start, unique


def run(*command, **kwargs):
    return subprocess.run(command, check=False, capture_output=True, text=True, **kwargs)


@pytest.fixture(name="static", scope="module")
def fixture_static(tmp_path_factory):
    """A static program, built in a new directory: without the optimiser, which takes three fifths of the time and
    does not change what is linked."""
    for library, package in {"libc.a": "libc6-dev", "libelf.a": "libelf-dev", "libz.a": "zlib1g-dev"}.items():
        if not Path(run(need("cc"), f"-print-file-name={library}").stdout.strip()).is_absolute():
            missing(f"{library} ({package})")
    build = tmp_path_factory.mktemp("static")
    (build / "any.c").write_text("#include <libelf.h>\nint main(void) { return elf_begin(0, ELF_C_READ, 0) != 0; }")
    libraries = run(need("pkg-config"), "--static", "--libs", "libelf").stdout.split()
    if run(need("cc"), "-static", "-o", build / "any", build / "any.c", *libraries).returncode != 0:
        missing("a libelf.a that can be linked (that of elfutils 0.192 lacks a part of itself)")
    for command in (["setup", "-Doptimization=0", "-Ddebug=false", "-Dprefer_static=true",
                     "-Dunit_tests=disabled", build, ROOT],
                    ["compile", "-C", build, "src/memmap"]):
        made = run(need("meson"), *command)
        assert made.returncode == 0, made.stdout + made.stderr
        assert "WARNING" not in made.stdout
        # The linker warns about functions that would not work in a static program.
        assert "statically linked" not in made.stdout
    return build / "src" / "memmap"


@pytest.fixture(name="incomplete")
def fixture_incomplete(tmp_path):
    """The environment of a build whose libelf.a lacks a part, as that of elfutils 0.192 does."""
    archive, shared = (Path(run(need("cc"), f"-print-file-name=libelf.{kind}").stdout.strip()) for kind in ("a", "so"))
    if not archive.is_absolute():
        missing("libelf.a")
    shutil.copy(archive, tmp_path)
    assert run(need("ar"), "d", tmp_path / archive.name, "elf_begin.o").returncode == 0
    (tmp_path / shared.name).symlink_to(shared)
    (tmp_path / "libelf.pc").write_text(f"Name: libelf\nDescription:\nVersion: 1\nLibs: -L{tmp_path} -lelf\n")
    return {**os.environ, "LIBRARY_PATH": str(tmp_path), "PKG_CONFIG_PATH": str(tmp_path)}


@pytest.mark.parametrize(("option", "status", "message"), [
    ("-Dlibelf=auto", 0, "libelf.a cannot be linked: libelf is used as a shared library"),
    ("-Dlibelf=static", 1, "ERROR: Problem encountered: libelf.a cannot be linked"),
])
def test_incomplete_archive(incomplete, tmp_path, option, status, message):
    """The build uses the shared library instead, unless the archive was asked for."""
    made = run(need("meson"), "setup", "-Dunit_tests=disabled", option, tmp_path / "build", ROOT, env=incomplete)
    assert (made.returncode, made.stderr) == (status, "")
    assert message in made.stdout


def read(program, *args):
    done = run(program, "--json", *map(str, args))
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def without_time(document):
    for target in document["targets"]:
        del target["taken_at"]
    return document


def test_it_is_static(static):
    headers = run(need("readelf"), "-lWd", static).stdout
    assert "INTERP" not in headers and "NEEDED" not in headers
    # It loads at a random address like any other program.
    assert "DYN (Position-Independent" in headers


def test_it_says_the_same(static):
    with start("two_threads.c") as process:
        wait_for_rest(process)
        ours, theirs = without_time(read(static, process.pid)), without_time(memmap_json(process.pid))
    assert ours == theirs
    assert ours["targets"][0]["user"] == pwd.getpwuid(os.geteuid()).pw_name


def test_it_finds_processes(static, tmp_path):
    """A static program finds processes without libproc2, which it does not have."""
    name = unique("static")
    program = tmp_path / name
    program.symlink_to(sys.executable)
    with Process([program, "-c", "print('READY', flush=True); input()"]) as process:
        for args in ([name], ["--user", pwd.getpwuid(os.geteuid()).pw_name, name]):
            assert [target["pid"] for target in read(static, *args)["targets"]] == [process.pid]
    done = run(static, "--user", unique("nobody"), name)
    assert done.returncode == 2 and "unknown user" in done.stderr
