# SPDX-License-Identifier: MIT
"""The completions work in the shells that they are for."""
import os
import shutil
from pathlib import Path

import pytest

from conftest import MEMMAP, Process, need
from helpers import vocabulary
from lint.shells import COMPLETE

SHELLS = pytest.mark.parametrize("shell", COMPLETE)
WITH_DESCRIPTIONS = pytest.mark.parametrize("shell", ["zsh", "fish"])


def complete(shell, line):
    """The completions of the last word, with descriptions, without the option that it is attached to."""
    return {text.split("=")[-1] if "=" in line else text.rstrip("="): description
            for text, description in COMPLETE[shell](line).items()}


@pytest.fixture(name="process")
def fixture_process(tmp_path):
    """A process called "completable"."""
    program = tmp_path / "completable"
    shutil.copy(need("sh"), program)
    with Process([program, "-c", "echo READY; read line; exit 0"]) as process:
        yield process


@SHELLS
def test_options(shell):
    assert set(complete(shell, "memmap --no")) == {"--noheadings", "--no-truncate"}
    assert set(complete(shell, "memmap --output-")) == {"--output-all", "--output-file"}


@SHELLS
def test_all_long_options(shell):
    long = {option for option in vocabulary.options() if option.startswith("--")}
    assert set(complete(shell, "memmap --")) == long


@SHELLS
@pytest.mark.parametrize("line", ["memmap -k ", "memmap --kind ", "memmap --kind=", "memmap -J --kind="])
def test_kinds(shell, line):
    assert set(complete(shell, line)) == set(vocabulary.kinds())


@SHELLS
@pytest.mark.parametrize("line", ["memmap -k heap,s", "memmap --kind=heap,s"])
def test_list_of_kinds(shell, line):
    assert set(complete(shell, line)) == {"heap,shm", "heap,stack"}


@SHELLS
@pytest.mark.parametrize(("line", "view"), [
    ("memmap -o ", []),
    ("memmap --output=", []),
    ("memmap --sort ", []),
    ("memmap -t -o ", ["--threads"]),
    ("memmap 1 --modules --sort ", ["--modules"]),
])
def test_columns(shell, line, view):
    assert set(complete(shell, line)) == set(vocabulary.columns(*view))


@SHELLS
@pytest.mark.parametrize(("line", "expected"), [
    ("memmap -o BIA", set()),
    ("memmap -m -o BIA", {"BIAS"}),
    ("memmap -xm --output=TEXT,RO", {"TEXT,RODATA"}),
    ("memmap -t -k heap --sort=-STACK-S", {"-STACK-START"}),
    ("memmap --at=main -o +SYM", {"+SYMBOL", "+SYMBOLSIZE"}),
    ("memmap --at main -o SYM", {"SYMBOL", "SYMBOLSIZE"}),
    ("memmap -o KIND --sort -size -o ST", {"START"}),  # no -s
    ("memmap --perms -w-p -k text,stack --sort ST", {"START"}),  # no -t
])
def test_columns_of_the_view(shell, line, expected):
    assert set(complete(shell, line)) == expected


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_columns_after_options_in_one_word(shell):
    assert set(complete(shell, "memmap -mo TE")) == {"TEXT"}


@SHELLS
def test_home_directory(shell, tmp_path, monkeypatch):
    os.symlink(Path(MEMMAP).resolve(), tmp_path / "memmap")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert set(complete(shell, "~/memmap -m -o TE")) == {"TEXT"}


@SHELLS
@pytest.mark.parametrize("program", ["/nowhere/memmap", "$(>witness)/memmap"])
def test_no_program_to_ask(shell, program, tmp_path, monkeypatch):
    """Without a memmap to run, a shell offers and prints nothing; nor does it run what was typed."""
    monkeypatch.chdir(tmp_path)
    assert complete(shell, f"{program} -o ") == {}
    assert not (tmp_path / "witness").exists()


@SHELLS
@pytest.mark.parametrize(("line", "expected"), [
    ("memmap -o KIND,ST", {"KIND,START"}),
    ("memmap --output=KIND,SIZE,ST", {"KIND,SIZE,START"}),
    ("memmap -o +BU", {"+BUILDID"}),
    ("memmap --output=+BUILDID,ST", {"+BUILDID,START"}),
    ("memmap --sort=-PA", {"-PADDING", "-PAGES"}),
])
def test_list_of_columns(shell, line, expected):
    assert set(complete(shell, line)) == expected


@SHELLS
def test_columns_in_lower_case(shell):
    shown = complete(shell, "memmap -o build")
    assert [text.upper() for text in shown] == ["BUILDID"]


@SHELLS
def test_colour(shell):
    assert set(complete(shell, "memmap --color=")) == {"auto", "always", "never"}


@SHELLS
@pytest.mark.parametrize("line", ["memmap -u roo", "memmap --user=roo"])
def test_users(shell, line):
    assert "root" in complete(shell, line)


@SHELLS
def test_directories(shell):
    shown = complete(shell, "memmap --procfs /pro")
    assert [text.strip("/") for text in shown] == ["proc"]


@SHELLS
def test_processes(shell, process):
    assert str(process.pid) in complete(shell, f"memmap {process.pid}")
    assert "completable" in complete(shell, "memmap completab")
    assert str(process.pid) in complete(shell, "memmap -J -k heap ")


@SHELLS
def test_no_kernel_threads(shell):
    """Kernel threads are not offered: they have no memory to show. If there are any, kthreadd is PID 2."""
    shown = complete(shell, "memmap 2")
    if Path("/proc/2/statm").exists() and Path("/proc/2/statm").read_text().startswith("0 "):
        assert "2" not in shown
    assert "kthreadd" not in complete(shell, "memmap kthr")


@SHELLS
def test_items_of_a_list_once(shell, process):
    assert "heap,heap" not in complete(shell, "memmap -k heap,he")
    assert not any(word.endswith(",KIND") for word in complete(shell, "memmap -o KIND,SIZE,KI"))
    assert set(complete(shell, "memmap --sort=-SIZE,STA")) == {"-SIZE,START"}
    pids = set(complete(shell, f"memmap --pid={process.pid},"))
    assert pids and f"{process.pid},{process.pid}" not in pids


@SHELLS
def test_threads(shell, process):
    """--frames= offers the threads of the process on the command line."""
    assert set(complete(shell, f"memmap {process.pid} --frames=")) == {str(process.pid)}


@SHELLS
def test_no_options_after_two_dashes(shell, process):
    assert not any(word.startswith("-") for word in complete(shell, "memmap -- -"))
    assert str(process.pid) in complete(shell, "memmap -- ")


@SHELLS
def test_topics(shell):
    assert set(complete(shell, "memmap --help=")) == {"columns", "kinds", "checks"}


@SHELLS
def test_files(shell, tmp_path, monkeypatch):
    """Files are offered only for a word with a slash: without one it would name a process."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "library.so").touch()
    assert [text.removeprefix("./") for text in complete(shell, "memmap ./libr")] == ["library.so"]
    assert "library.so" in "".join(complete(shell, f"memmap -s {tmp_path}/libr"))
    assert "library.so" not in "".join(complete(shell, "memmap libr"))


@WITH_DESCRIPTIONS
def test_descriptions(shell, process):
    assert "completable" in complete(shell, f"memmap {process.pid}")[str(process.pid)]
    assert complete(shell, "memmap completab")["completable"] != ""
    assert "code" in complete(shell, "memmap -k te")["text"]
    assert "after" in complete(shell, "memmap -o EN")["END"]


def test_hostile_process_name(tmp_path, monkeypatch):
    """A process may have a command as its name: no shell runs it, and bash, which does not quote, leaves it out."""
    monkeypatch.chdir(tmp_path)
    program = tmp_path / "$(>witness)"
    shutil.copy(need("sh"), program)
    with Process([program, "-c", "echo READY; read line; exit 0"]) as process:
        shown = {shell: COMPLETE[shell]("memmap ") for shell in COMPLETE}
    assert all(str(process.pid) in words for words in shown.values())
    assert not (tmp_path / "witness").exists()
    assert not any("$" in word for word in shown["bash"])
