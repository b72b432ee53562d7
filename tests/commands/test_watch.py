# SPDX-License-Identifier: MIT
"""--watch shows a view again and again: in place in a terminal, elsewhere one after the other."""
import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from conftest import IS_SANITIZED, LIMIT, MEMMAP, memmap, missing
from helpers.changing import Changing
from helpers.documents import target_of
from helpers.kernel import status_number
from helpers.programs import start as start_program
from helpers.screens import Screen, heed_interrupts
from helpers.snapshots import need_snapshots

FAST = "--watch=0.1"
SLOW = "--watch=3600"
STATUS = re.compile(r"\d\d:\d\d:\d\d: \S+ resident, (\S+) since \d\d:\d\d:\d\d; "
                    r"rows \+(\d+) \*(\d+) -(\d+); read in \d+\.\d ms(; saved)?")


@pytest.fixture(name="program")
def fixture_program():
    with Changing() as program:
        yield program


def start(*args, **kwargs):
    return subprocess.Popen([MEMMAP, *map(str, args)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            preexec_fn=heed_interrupts, **kwargs)


def read_round(child):
    """The lines of a round that is followed by another one."""
    return list(iter(child.stdout.readline, "\n"))


# ---- not in a terminal ----


@pytest.mark.parametrize("view", [[], ["-s"], ["-m"], ["-t"], ["-x"], ["--at", "main"], ["--pages", "-k", "stack"]])
def test_any_view(program, view):
    run = memmap(*view, FAST, "--count=2", program.pid, text=True)
    assert (run.returncode, run.stderr) == (0, "")
    first = STATUS.search(run.stdout)
    second = STATUS.search(run.stdout, first.end())
    assert first.start() == 0 and run.stdout[:second.start()].endswith("\n\n")
    assert second.group(2, 4) == ("0", "0"), "no row is new, and none is gone"
    headings = memmap(*view, "-o", "+PID", program.pid, text=True).stdout.split()
    assert set(headings) & {"SIZE", "KIND", "TID", "QUERY"} <= set(run.stdout.split())


def test_exact_sizes(program):
    line = memmap("-b", FAST, "--count=1", program.pid, text=True).stdout.splitlines()[0]
    assert re.search(r" \d{5,} resident, 0 since ", line), line


def test_what_has_changed_is_marked(program):
    child = start(FAST, "-o", "SIZE,KIND,NAME", program.pid)
    try:
        names = ("anon", "heap")
        read_round(child)
        program.act("map 3145728", "heap 8388608")
        marked = []
        while not marked:
            lines = read_round(child)
            marked = [line.split() for line in lines if line[0] in "+*"]
        while len(marked) < 2:
            marked += [line.split() for line in read_round(child) if line[0] in "+*"]
        assert sorted((row[0], row[2]) for row in marked) == [("*", "heap"), ("+", "anon")]
        assert {row[2] for row in marked} == set(names)
    finally:
        child.kill()
        child.communicate()


def test_a_sum_is_marked_by_its_kind(program):
    child = start(FAST, "-s", program.pid)
    try:
        read_round(child)
        program.act("heap 8388608")
        marked = []
        while not marked:
            marked = [line.split() for line in read_round(child)
                      if line[0] in "+*" and line[2:].split()[0].isalpha()]
        assert [row[:2] for row in marked] == [["*", "heap"], ["*", "TOTAL"]]
    finally:
        child.kill()
        child.communicate()


def test_scripts_get_rows_alone(program):
    run = memmap(FAST, "--count=2", "-r", "-n", "-o", "KIND", program.pid, text=True)
    rounds = run.stdout.split("\n\n")
    assert len(rounds) == 2 and rounds[0].split("\n") == rounds[1].rstrip("\n").split("\n")
    assert rounds[0].split("\n") == memmap("-r", "-n", "-o", "KIND", program.pid, text=True).stdout.rstrip("\n").split("\n")


@pytest.mark.parametrize("view", [[], ["-s"], ["-t"], ["-x"]])
def test_one_document_a_line(program, view):
    run = memmap(FAST, "--count=3", "-J", *view, program.pid, text=True)
    documents = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(documents) == 3 and run.returncode == 0
    once = json.loads(memmap("-J", *view, program.pid).stdout)
    for document in documents:
        assert document["targets"][0].keys() == once["targets"][0].keys()


def taken_by(pid):
    """The number of descriptors, of helper processes, and of bytes in memory."""
    return (len(os.listdir(f"/proc/{pid}/fd")),
            len(Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()),
            status_number(pid, "VmRSS"))


@pytest.mark.parametrize("view", [["-s"], ["-s", "-x"], ["-t"]], ids=" ".join)
def test_nothing_grows(view):
    """A round leaves nothing behind: ten times as many rounds would leave ten times as much. The least of several
    rounds counts, since one may have been looked at in the middle."""
    with start_program("many_mappings.c", "5000") as process:
        child = start(FAST, "--count=45", "-J", *view, process.pid)
        found = []
        while child.stdout.readline() and len(found) < 42:
            found.append(taken_by(child.pid))
        child.kill()
        child.communicate()
    early, late = (list(map(min, zip(*found[at:at + 8]))) for at in (2, 34))
    assert late[0] < early[0] + 8 and late[1] == 0, "descriptors or processes, one a round"
    # A round of 5,000 mappings takes half a megabyte. Sanitizers keep freed memory, and find leaks themselves.
    assert late[2] < early[2] + (2 << 20) or IS_SANITIZED


def test_it_ends_with_the_process(program):
    child = start(SLOW, program.pid)
    child.stdout.readline()
    program.process.child.kill()
    program.process.child.wait()
    _, err = child.communicate(timeout=LIMIT)
    assert err == f"memmap: {program.pid}: the process has ended\n"
    assert child.returncode == 0


def test_a_zombie_has_ended(program):
    child = start(FAST, program.pid)
    child.stdout.readline()
    program.process.child.kill()
    _, err = child.communicate(timeout=LIMIT)
    assert err == f"memmap: {program.pid}: the process has ended\n"


def test_no_process():
    run = memmap(FAST, 4194304 - 1, text=True)
    assert run.returncode == 1 and run.stderr.count("\n") == 1 and run.stdout == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it(program, number):
    child = start(SLOW, program.pid)
    child.stdout.readline()
    child.send_signal(number)
    _, err = child.communicate(timeout=LIMIT)
    assert (child.returncode, err) == (0, "")


def test_a_closed_pipe_ends_it_at_once(program):
    child = start(SLOW, "-s", program.pid)
    while child.stdout.readline().split()[:1] != ["locked"]:
        pass
    child.stdout.close()
    assert child.wait(timeout=LIMIT) == 0
    assert child.stderr.read() == ""
    child.stderr.close()


def test_a_full_device(program):
    with open("/dev/full", "wb") as full:
        run = memmap(FAST, program.pid, stdout=full, text=True)
    assert run.returncode == 1 and run.stderr.startswith("memmap: cannot write: ")


@pytest.mark.parametrize(("options", "message"), [
    (["--watch=0"], "--watch takes seconds"), (["--watch=x"], "--watch takes seconds"),
    (["--watch=1e3"], "--watch takes seconds"), (["--watch=-1"], "--watch takes seconds"),
    (["--watch=."], "--watch takes seconds"), (["--watch=nan"], "--watch takes seconds"),
    (["--count=2"], "need --watch"), (["-w", "--count=0"], "--count takes a positive"),
    (["-w", "--on-growth=1M"], "go together"), (["-w", "--save=/tmp/a"], "go together"),
    (["-w", "--on-growth=0", "--save=a"], "--on-growth takes a size"),
    (["-w", "--on-growth=1M", "--save="], "--save takes a file"), (["--output-file="], "--output-file takes a file"),
    (["-w", "--on-growth=1X", "--save=a"], "--on-growth takes a size"),
    (["-w", "--on-growth=99999999999T", "--save=a"], "--on-growth takes a size"),
    (["-w", "2"], "--watch takes one target; give seconds as --watch=SECONDS"),
    (["-w1"], "unknown option '-1'; give seconds as --watch=SECONDS"),
    (["-w0.5"], "unknown option '-0'; give seconds as --watch=SECONDS"), (["-w%"], "unknown option '-%'\n"),
    (["-1"], "unknown option '-1'\n"), (["-w", "-d", "2"], "does not go with --diff"),
])
def test_usage(options, message):
    run = memmap(*options, 1, text=True)
    assert run.returncode == 2 and message in run.stderr


def test_files_do_not_change(tmp_path):
    run = memmap("-w", MEMMAP, text=True)
    assert run.returncode == 1 and "--watch takes a process" in run.stderr
    (tmp_path / "a").write_text("")
    assert memmap("-w", tmp_path / "a").returncode == 1


# ---- a snapshot when the process grows ----


def test_snapshot_when_it_grows(program, tmp_path):
    path = tmp_path / "grown.json"
    child = start(FAST, "--on-growth=4M", f"--save={path}", program.pid)
    try:
        read_round(child)
        program.act("map 1048576")
        read_round(child)
        read_round(child)
        assert list(tmp_path.iterdir()) == []
        program.act("grow 8388608")
        while not any(line.endswith("; saved\n") for line in read_round(child)):
            pass
        assert list(tmp_path.iterdir()) == [path]
        target = json.loads(path.read_text())["targets"][0]
        assert target["pid"] == program.pid and target["process"]["resident"] > 9 << 20
        assert target["regions"][0]["usage"]["pss"] is not None
        assert path.stat().st_mode & 0o777 == 0o666 & ~current_mask()
    finally:
        child.kill()
        child.communicate()


@pytest.mark.parametrize(("view", "key"), [
    (["--heap"], "arenas"), (["-l", "--heap"], "arenas"), (["--blocks"], "blocks"), (["--blocks", "--stop"], "blocks"),
    (["--frames"], "frames"), (["--pages", "-k", "stack"], "pages"), (["--at", "main", "--at", "0x10"], "at"),
    (["-k", "heap"], "regions"), (["-s"], "totals"), (["--leaks"], "regions")])
def test_snapshot_has_what_the_view_shows(program, tmp_path, view, key):
    """The snapshot also has the whole map, but nothing that cannot be read back."""
    path = tmp_path / "grown.json"
    child = start(*view, FAST, "--on-growth=4M", f"--save={path}", program.pid)
    try:
        child.stdout.readline()
        program.act("map 8388608")
        while not child.stdout.readline().endswith("; saved\n"):
            pass
    finally:
        child.kill()
        child.communicate()
    target = json.loads(path.read_text())["targets"][0]
    assert target[key] and {region["kind"] for region in target["regions"]} >= {"text", "stack", "heap"}
    need_snapshots()
    if key in {"arenas", "blocks", "frames", "pages"}:
        assert target_of(*view, path)[key] == target[key]
    if key == "at":  # the rest differs: the regions of the snapshot are not cut by section
        assert [row["symbol"] for row in target_of(*view, path)[key]] == [row["symbol"] for row in target[key]]
    assert memmap("-d", "-x", path, program.pid).returncode == 0
    assert memmap("-s", path).returncode == 0


def current_mask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_no_snapshot_is_said(program, tmp_path):
    run = memmap(FAST, "--count=2", "--on-growth=1G", f"--save={tmp_path / 'a'}", program.pid, text=True)
    assert run.returncode == 3 and list(tmp_path.iterdir()) == []
    assert run.stderr == f"memmap: {program.pid}: no snapshot was saved: it grew by 0B at most\n"


@pytest.mark.parametrize(("name", "reason"), [
    ("none/a", "cannot create a temporary file in its directory: No such file or directory"),
    ("file/a", "cannot create a temporary file in its directory: Not a directory"),
    (".", "not a regular file, so it cannot be replaced"),
])
def test_a_snapshot_that_can_never_be_written(program, tmp_path, name, reason):
    """memmap reports this at once, before the snapshot is needed."""
    (tmp_path / "file").write_text("old")
    run = memmap(FAST, "--count=1", "--on-growth=1G", f"--save={tmp_path}/{name}", program.pid, text=True)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr == f"memmap: {tmp_path}/{name}: {reason}\n"


def test_a_snapshot_is_not_written_before_time(program, tmp_path):
    """An existing file stays as it is until the snapshot is due."""
    path = tmp_path / "a"
    path.write_text("old")
    assert memmap(FAST, "--count=1", "--on-growth=1G", f"--save={path}", program.pid).returncode == 3
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_a_snapshot_that_cannot_be_written(program, tmp_path):
    folder = tmp_path / "none"
    folder.mkdir()
    child = start(FAST, "--on-growth=1M", f"--save={folder / 'a'}", program.pid)
    read_round(child)
    folder.rmdir()
    program.act("map 8388608")
    _, err = child.communicate(timeout=LIMIT)
    assert child.returncode == 1
    assert re.fullmatch(rf"memmap: {program.pid}: cannot write .*/none/a: "
                        "cannot create a temporary file in its directory: No such file or directory\n", err)


# ---- in a terminal ----


def test_in_place(program):
    with Screen(FAST, "-s", program.pid, rows=40) as screen:
        screen.wait_for(lambda _: len(screen.frames()) > 3)
        assert screen.seen.startswith(b"\r\n" * 39 + b"\x1b[H"), "what was there goes up, and is not lost"
        assert b"\x1b[2J" not in screen.seen and b"\x1b[3J" not in screen.seen and b"\x1b[?" not in screen.seen
        for frame in screen.frames():
            assert STATUS.match(frame[0]), frame
            assert len(frame) < 40 and frame[-1].startswith("core that it would leave")


def test_more_lines_than_the_screen_has(program):
    with Screen(SLOW, program.pid, rows=10) as screen:
        frame = screen.wait_for(bool)
        assert len(frame) == 9 and re.fullmatch(r"\.\.\. \d+ more lines", frame[-1])
        screen.resize(6, 80)
        frame = screen.wait_for(lambda frame: len(frame) == 5)
        assert "more lines" in frame[-1]
        screen.resize(200, 80)
        assert "more lines" not in screen.wait_for(lambda frame: len(frame) > 20)[-1]


@pytest.mark.parametrize("options", [[], ["-x"], ["-s"], ["-t"], ["-m"]])
def test_twenty_columns(program, options):
    with Screen(SLOW, *options, program.pid, rows=500, columns=20) as screen:
        frame = screen.wait_for(bool)
        assert max(map(len, frame)) <= 20 and not any("\x1b" in line for line in frame)
        screen.resize(500, 200)
        assert max(map(len, screen.wait_for(lambda frame: max(map(len, frame)) > 40))) <= 200


def test_one_line_and_one_column(program):
    with Screen(FAST, program.pid, rows=1, columns=1) as screen:
        screen.wait_for(lambda _: len(screen.frames()) > 2)
        assert all(len(frame) <= 1 for frame in screen.frames())


def test_colour_does_not_leak(program):
    with Screen(SLOW, "--color=always", program.pid, rows=30, columns=32) as screen:
        screen.wait_for(bool)
        for line in screen.seen.split(b"\r\n"):
            assert line.count(b"\x1b[0m") >= len(re.findall(rb"\x1b\[[1-9][0-9;]*m", line)), line


def test_marks_in_place(program):
    with Screen(FAST, "-s", program.pid, rows=60) as screen:
        screen.wait_for(lambda _: len(screen.frames()) > 1)
        program.act("heap 8388608")
        frame = screen.wait_for(lambda frame: any(line.startswith("* heap") for line in frame))
        assert STATUS.match(frame[0]).group(3) == "1"


def test_interrupted(program):
    with Screen(SLOW, "-s", program.pid) as screen:
        screen.wait_for(bool)
        os.write(screen.master, b"\x03")
        status, rest = screen.end()
        assert status == 0 and rest.replace("^C", "") == "\r\n"


def test_the_end_is_said_below(program):
    with Screen(SLOW, "-s", program.pid) as screen:
        screen.wait_for(bool)
        program.process.child.kill()
        program.process.child.wait()
        status, rest = screen.end()
        assert (status, rest) == (0, f"memmap: {program.pid}: the process has ended\r\n")


def test_a_dumb_terminal_is_none(program):
    with Screen(FAST, "--count=2", "-s", program.pid, TERM="dumb") as screen:
        status, rest = screen.end()
        assert status == 0 and "\x1b" not in rest and len(STATUS.findall(rest)) == 2


def test_tmux(program, tmp_path):
    """In tmux, which is a terminal that we did not write, the picture stays in place, below what was there before."""
    tmux = shutil.which("tmux")
    if not tmux:
        missing("tmux")
    server = [tmux, "-f", "/dev/null", "-S", str(tmp_path / "socket")]

    def capture(*options):
        return subprocess.run([*server, "capture-pane", "-p", *options], check=True, capture_output=True,
                              text=True).stdout.rstrip("\n").split("\n")

    def wait_for(condition):
        end = time.monotonic() + LIMIT
        while not condition(capture()):
            assert time.monotonic() < end, capture()
            time.sleep(0.05)
        return capture()

    # The shell says when the program has ended: tmux does not always write that a pane is dead.
    command = f"trap : INT; echo before; NO_COLOR=1 {MEMMAP} {FAST} -s {program.pid}; echo after; exec sleep {LIMIT}"
    subprocess.run([*server, "new-session", "-d", "-x", "80", "-y", "30", "sh", "-c", command], check=True, timeout=LIMIT,
                   preexec_fn=heed_interrupts)
    try:
        picture = wait_for(lambda lines: STATUS.match(lines[0]))
        assert any(line.startswith("  TOTAL") for line in picture)
        assert "before" in capture("-S", "-")[0]
        subprocess.run([*server, "resize-window", "-x", "20", "-y", "8"], check=True)
        wait_for(lambda lines: "more lines" in lines[-1] and len(lines) <= 8 and max(map(len, lines)) <= 20)
        subprocess.run([*server, "resize-window", "-x", "100", "-y", "40"], check=True)
        wait_for(lambda lines: STATUS.match(lines[0]) and lines[-1].startswith("core that it would leave"))
        program.act("heap 8388608")
        wait_for(lambda lines: "+8" in lines[0])
        subprocess.run([*server, "send-keys", "C-c"], check=True)
        picture = wait_for(lambda lines: lines[-1] == "after")
        assert STATUS.match(picture[0])
    finally:
        subprocess.run([*server, "kill-server"], check=False, capture_output=True)
