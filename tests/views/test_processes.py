# SPDX-License-Identifier: MIT
"""All processes: one row each, true figures, and no process holds up the others."""
import json
import os
import pwd
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from conftest import MEMMAP, memmap, need
from helpers.documents import assert_valid
from helpers.programs import build, python, start, unique
from helpers.screens import on_terminal
from helpers.users import NOBODY, as_nobody, as_user, memmap_as_nobody, need_root
from proc.test_servers_away import away

KINDS = ("text", "rodata", "relro", "data", "bss", "heap", "stack", "guard", "anon", "jit", "shm", "file", "device",
         "vdso", "reserved")
NAME = unique("many")[:15]


def listing(*args, run=memmap):
    """The document, and each process by its ID. Whether all of them may be read is not tested here."""
    done = run("--all", "--json", *args)
    assert done.returncode in (0, 3), done.stderr
    assert (done.returncode == 3) == bool(done.stderr)
    document = json.loads(done.stdout)
    return document, {process["pid"]: process for process in document["processes"]}


def rollup(pid):
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return {key: int(value) * 1024 for key, value in re.findall(r"^(\w+):\s+(\d+) kB", text, re.MULTILINE)}


def test_figures_are_the_kernel_s():
    with python("block = bytearray(30 << 20)") as process:
        document, processes = listing()
        kernel, shown = rollup(process.pid), processes[process.pid]
    assert_valid(document)
    assert document["targets"] == []
    # What is shared changes as other processes come and go.
    assert (shown["rss"], shown["swap"]) == (kernel["Rss"], kernel["Swap"])
    assert 30 << 20 < shown["uss"] <= shown["pss"] <= shown["rss"]


def test_sizes_by_kind_are_those_of_the_summary():
    with python("pass") as process:
        shown = listing()[1][process.pid]
        summary = json.loads(memmap("-J", "-s", process.pid).stdout)["targets"][0]["totals"]
    assert {kind: shown[kind] for kind in KINDS if shown[kind]} == {
        kind: total["size"] for kind, total in summary.items() if total["size"]}


def test_heaviest_first_and_the_sum_last():
    lines = memmap("--all", "--bytes", "--raw", text=True).stdout.splitlines()
    assert lines[0] == "PID USER RSS PSS USS SWAP COMMAND"
    rows = [line.split(" ") for line in lines[1:]]
    heavy = [int(row[3]) for row in rows[:-1]]
    assert heavy == sorted(heavy, reverse=True)
    assert rows[-1][:2] + rows[-1][6:] == ["-", "-", "TOTAL"]
    assert int(rows[-1][3]) == sum(heavy)
    assert int(rows[-1][4]) == sum(int(row[4]) for row in rows[:-1])
    # Pages that processes share would count more than once.
    assert rows[-1][2] == "-"


def test_machine_s_own_list():
    """Each process that ps lists before and after, and that has memory, has a row."""
    def listed():
        lines = subprocess.run([need("ps"), "-e", "-o", "pid=,vsz=,stat="], check=True, capture_output=True, text=True)
        return {int(pid) for pid, size, state in map(str.split, lines.stdout.splitlines())
                if size != "0" and state[0] not in "ZX"}
    before = listed()
    done = memmap("--all", "--json")
    shown = {process["pid"] for process in json.loads(done.stdout)["processes"]}
    both = before & listed()
    refused = re.search(rb"(\d+) of \d+ processes may not be read", done.stderr)
    assert len(both - shown) <= (int(refused[1]) if refused else 0)
    assert os.getpid() in shown


@pytest.mark.parametrize("name", ["\x1b[31mred", "a b\n\\c", "ü\u202e", "\udcff\udcfe"])
def test_hostile_names(name):
    with start("set_comm.c", os.fsencode(name)) as process:
        run = memmap("--all", "--raw")
        row = next(line for line in run.stdout.split(b"\n") if line.startswith(b"%d " % process.pid))
        assert len(row.split(b" ")) == 7
        assert not set(run.stdout) & (set(range(32)) - {10})
        document, processes = listing()
    assert_valid(document)
    shown = processes[process.pid]
    raw = bytes.fromhex(shown["comm_hex"]) if "comm_hex" in shown else shown["comm"].encode()
    assert raw == os.fsencode(name)


def test_user():
    need_root()
    with as_nobody(build("set_comm.c"), NAME) as process, start("set_comm.c", NAME) as own:
        processes = listing("--user", NOBODY)[1]
        assert process.pid in processes and own.pid not in processes
        assert processes[process.pid]["user"] == listing()[1][process.pid]["user"] != "root"


def test_those_that_could_not_be_read_are_counted():
    """With one descriptor no process can be read, but none is taken for one that has ended."""
    done = subprocess.run(["sh", "-c", 'ulimit -n 4; exec "$0" -a', MEMMAP], check=False, capture_output=True)
    assert done.returncode == 3 and re.search(rb"\d+ of \d+ processes could not be read", done.stderr), done.stderr


def test_without_rights_others_are_counted():
    need_root()
    with as_nobody(build("set_comm.c"), NAME) as process:
        done = memmap_as_nobody("--all", "--json")
    assert done.returncode == 3
    assert re.fullmatch(rb"memmap: --all: \d+ of \d+ processes may not be read \(PIDs? [\w, ]+\): root may .*\n", done.stderr)
    document = json.loads(done.stdout)
    assert [note["code"] for note in document["notes"]] == ["processes-denied"]
    shown = {each["pid"]: each for each in document["processes"]}
    assert process.pid in shown and os.getpid() not in shown


def test_without_rights_others_are_counted_in_another_view():
    need_root()
    with as_nobody(build("set_comm.c"), NAME) as process:
        done = memmap_as_nobody("--all", "--summary", "--json")
    assert done.returncode == 3
    assert re.fullmatch(rb"memmap: --all: \d+ of \d+ processes may not be read \(PIDs [\w, ]+\): root may .*\n", done.stderr)
    assert process.pid in {target["pid"] for target in json.loads(done.stdout)["targets"]}


def test_who_asks_for_one_user_is_not_told_to():
    need_root()
    with start("set_comm.c", NAME):
        for options in ([], ["--summary"]):
            done = memmap_as_nobody("--all", "--user=0", *options)
            assert done.returncode == 3 and b"root may read all\n" in done.stderr, done.stderr


def test_other_processes_that_may_not_be_read_are_said_once():
    need_root()
    with as_nobody(build("set_comm.c"), NAME), as_nobody(build("set_comm.c"), NAME):
        done = memmap_as_nobody("--all", "--shared", f"--user={NOBODY}")
    lines = [line for line in done.stderr.splitlines() if b"may not be read (PIDs" in line]
    assert done.returncode == 3 and len(lines) == 1 and lines[0].startswith(b"memmap: --all: ")


def test_another_view_of_each():
    with start("set_comm.c", NAME) as process:
        done = memmap("--all", "--summary", "--json")
    targets = json.loads(done.stdout)["targets"]
    target = next(target for target in targets if target["pid"] == process.pid)
    assert target["comm"] == NAME and target["totals"]["text"]["size"] > 0


@pytest.mark.parametrize(("args", "word"), [
    (["--all", "1"], "--all"), (["--all", "--kind", "heap"], "--kind"), (["--all", "-o", "START"], "START"),
    (["--all", "--explain"], "--explain")])
def test_what_does_not_go_together(args, word):
    done = memmap(*args, text=True)
    assert (done.returncode, done.stdout) == (2, "") and word in done.stderr


@pytest.mark.parametrize("option", ["--kind=heap", "--range=0,ffff", "--perms=wx", "--name=*"])
def test_regions_of_all_processes(option):
    """The error message says what to add, and with that it works."""
    done = memmap("--all", option, text=True)
    assert done.returncode == 2 and done.stderr.startswith(f"memmap: {option.split('=')[0]} selects regions")
    advice = re.search(r"add (--\S+) and (-o \S+)\n", done.stderr)
    assert memmap("--all", option, advice[1], *advice[2].split(" ")).returncode in (0, 3)


@pytest.mark.parametrize("args", [["--openmetrics", "1"], ["-a", "--openmetrics"], ["-a", "--group=user"]])
def test_sums_have_no_regions_to_select(args):
    """The error message does not advise adding an option that does not go with the others."""
    done = memmap("-k", "heap", *args, text=True)
    assert done.returncode == 2 and "--kind selects regions" in done.stderr and "--sections" not in done.stderr


def group_of(column, key):
    document = json.loads(memmap("--all", "--json", "--group", column).stdout)
    assert_valid(document)
    found = [group for group in document["groups"] if group[column] == key]
    assert len(found) == 1
    return found[0]


def test_groups():
    """The figures of three processes with one name are added up."""
    with start("set_comm.c", NAME), start("set_comm.c", NAME), start("set_comm.c", NAME) as third:
        group, one = group_of("command", NAME), listing()[1][third.pid]
    assert group["processes"] == 3 and group["user"] is group["cgroup"] is None
    assert group["rss"] >= 3 * one["rss"] // 2 and group["text"] == 3 * one["text"]


def test_groups_by_user():
    need_root()
    user = pwd.getpwnam("nobody")
    with as_user(user.pw_uid, build("set_comm.c"), NAME), as_user(user.pw_uid, build("set_comm.c"), "other"):
        assert group_of("user", user.pw_name)["processes"] >= 2


def test_groups_by_cgroup():
    own = json.loads(memmap("--all", "--json").stdout)["processes"]
    cgroup = next(process["cgroup"] for process in own if process["pid"] == os.getpid())
    assert group_of("cgroup", cgroup)["processes"] >= 1


def test_cgroup():
    with start("set_comm.c", NAME) as process:
        cgroup = listing()[1][process.pid]["cgroup"]
        assert process.pid in listing("--cgroup", cgroup)[1]
        assert process.pid in listing("--cgroup", cgroup[:2] + "*")[1]
        done = memmap("--all", "--json", "--cgroup", cgroup + "x")
        assert done.returncode == 0 and not json.loads(done.stdout)["processes"]
        document = json.loads(memmap("-a", "-J", "--group", "cgroup", "--cgroup", cgroup).stdout)
    assert [group["cgroup"] for group in document["groups"]] == [cgroup]


def test_unread_processes_of_other_cgroups_do_not_count():
    """Any user may read the cgroup of any process: --cgroup leaves out even a process that may not be read."""
    need_root()
    done = memmap_as_nobody("-a", "--cgroup=/no-such-cgroup*", "-r")
    assert (done.returncode, done.stdout.count(b"\n")) == (0, 2)
    assert done.stderr == b"memmap: --all: no process in a matching cgroup\n"
    done = memmap_as_nobody("-a", "--cgroup=*", "-r")
    assert done.returncode == 3 and b"may not be read" in done.stderr
    done = memmap_as_nobody("-a", "--cgroup=/no-such-cgroup*", "-u", NOBODY)
    assert done.stderr == b"memmap: --all: no process of that user in a matching cgroup\n"


def test_sum_of_groups():
    lines = memmap("--all", "--group", "user", "--bytes", "--raw", text=True).stdout.splitlines()
    assert lines[0] == "USER PROCESSES RSS PSS USS SWAP"
    rows = [line.split(" ") for line in lines[1:]]
    assert rows[-1][0] == "TOTAL" and rows[-1][2] == "-"
    for column in (1, 3, 4):
        assert int(rows[-1][column]) == sum(int(row[column]) for row in rows[:-1])


@pytest.mark.parametrize("args", [["--group", "user", "1"], ["-a", "-s", "--group", "user"], ["-a", "--group", "x"],
                                  ["--cgroup", "*", "1"], ["-a", "-s", "--cgroup", "*"]])
def test_groups_of_nothing_else(args):
    done = memmap(*args, text=True)
    assert (done.returncode, done.stdout) == (2, "") and "group" in done.stderr


CHURN = """
import os
for _ in range(2000):
    if os.fork() == 0:
        os._exit(0)
    os.wait()
"""


def test_processes_that_come_and_go():
    """Two thousand processes end during the runs, which is no error."""
    with subprocess.Popen([sys.executable, "-S", "-c", CHURN]) as churn:
        runs = 0
        while churn.poll() is None or runs == 0:
            document, processes = listing()
            assert not {note["code"] for note in document["notes"]} - {"processes-denied"}
            assert os.getpid() in processes
            runs += 1
    assert churn.returncode == 0


def test_two_thousand_at_once():
    """Two thousand processes, half of which end while memmap reads them, are no error."""
    need_root()
    script = ("import os, signal, sys\npids = []\nfor _ in range(2000):\n    pid = os.fork()\n    if not pid:\n"
              "        signal.pause()\n    pids.append(pid)\nprint('READY', flush=True)\nsys.stdin.read(1)\n"
              "for pid in pids[::2]:\n    os.kill(pid, 9)\nsys.stdin.read(1)\nfor pid in pids[1::2]:\n    os.kill(pid, 9)\n")
    with subprocess.Popen([sys.executable, "-S", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout.readline() == b"READY\n"
        killer = threading.Timer(0.05, lambda: (parent.stdin.write(b"x"), parent.stdin.flush()))
        killer.start()
        document, processes = listing()
        killer.join()
        assert parent.pid in processes and len(processes) > 1000
        assert not {note["code"] for note in document["notes"]} - {"processes-denied"}
        parent.stdin.write(b"x")
        parent.stdin.close()


def test_server_that_does_not_answer(tmp_path):
    """If a program is on a file system whose server is stopped, all processes are shown, and the run ends soon."""
    with away(tmp_path, build("two_threads.c", "cc", "-static")) as process:
        begin = time.monotonic()
        processes = listing()[1]
        took = time.monotonic() - begin
    assert os.getpid() in processes and process.pid in processes
    assert took < 30


def test_where_memory_is_stays(tmp_path):
    """In a narrow terminal, the columns of the kinds that take most of the memory of most programs stay longest."""
    (tmp_path / str(os.getpid())).symlink_to(f"/proc/{os.getpid()}")
    usual = {"HEAP", "ANON", "SHM", "STACK", "FILE", "TEXT"}
    numbers = set()
    for columns in range(60, 180, 10):
        text = on_terminal("-a", "-x", "--procfs", tmp_path, columns=columns, NO_COLOR="1")
        shown = {name for name in text.split("\n")[0].split() if name.lower() in KINDS}
        assert shown <= usual or shown > usual, (columns, shown)
        numbers.add(len(shown))
    assert min(numbers) < len(usual) < max(numbers) == len(KINDS)
