# SPDX-License-Identifier: MIT
"""The stack of each thread of a C program, against what the C library reports."""
import json
import re
import resource
import subprocess
from pathlib import Path

import pytest

from conftest import MEMMAP, Process, memmap, memmap_json, missing, need, wait_until
from helpers.documents import ends
from helpers.kernel import PAGE, is_present, mappings_of, state_of, wait_for_rest
from helpers.programs import HIDDEN, build, start
from helpers.threads import (Stack, assert_threads, has_hidden_guard, parts, quiet_target_of, range_of, region_with,
                             sound, target_without_memory, thread_of, told)
from helpers.users import as_nobody, need_root

GLIBC = [("gcc",), ("clang",), ("gcc", "-static"), ("gcc", "-static-pie"), HIDDEN]
MUSL = [("musl-gcc",), ("musl-gcc", "-static")]
NARROW = [("i686-linux-gnu-gcc",), ("i686-linux-gnu-gcc", "-static")]

# COUNT:ACTIVITY:PLACE:GUARD:SIZE, see stacks.c
OWN = ["1:spin:own:4096:0", "1:sleep:own:4096:0", "1:futex:own:4096:0", "2:pipe:own:0:0",
       "1:pipe:own:65536:0", "2:sleep:own:4096:16384", "1:futex:own:65536:1000000"]
BROUGHT = ["1:pipe:malloc:0:65536", "1:sleep:malloc:0:300000", "1:futex:mmap:0:131072",
           "1:sleep:bss:0:131072", "1:spin:bss:0:65536"]
ENDED = ["2:ended:own:4096:0", "1:detached:own:65536:262144", "1:ended:own:4096:65536"]


def variant_id(variant):
    return "".join(variant)


def assert_stack(target, stack, kind="stack"):
    """The stack's range and regions are right to the byte."""
    assert range_of(target, stack.tid) == (stack.start, stack.end), stack
    assert thread_of(target, stack.tid)["guard"] == stack.guard, stack
    for region in parts(target, stack.start, stack.end):
        assert region["kind"] == kind, (stack, region)
        if kind == "stack":
            assert region["tid"] == stack.tid, (stack, region)
            assert stack.start <= ends(region)[0] and ends(region)[1] <= stack.end, (stack, region)
    if stack.guard:
        below, = parts(target, stack.start - stack.guard, stack.start)
        assert below["kind"] == "guard" and ends(below)[1] == stack.start, (stack, below)
        assert below["size"] == stack.guard, (stack, below)


def assert_musl_stack(target, stack, kind="stack"):
    """musl reports no more than the stack; memmap adds the thread's variables and control block above it."""
    begin, end = range_of(target, stack.tid)
    assert begin == stack.start and stack.control < end, stack
    assert end - stack.end <= 2 * 4096, stack
    assert_stack(target, stack._replace(end=end, guard=thread_of(target, stack.tid)["guard"]), kind)
    assert thread_of(target, stack.tid)["guard"] == stack.guard, stack


def assert_main_stack(process, target):
    """The main thread's stack is the whole region that the kernel names."""
    main = next(stack for stack in told(process) if stack.what == "main")
    region, = (region for region in target["regions"] if region["name"] == "[stack]")
    assert main.tid == process.pid
    assert range_of(target, main.tid) == ends(region)
    assert region["tid"] == main.tid and ends(region)[0] <= main.local < ends(region)[1]
    assert thread_of(target, main.tid)["guard"] is None


def is_guarded(stack):
    return ":guarded:" in stack.what


def is_bss(stack):
    return ":bss:" in stack.what


def living(process):
    return [stack for stack in told(process)
            if stack.what != "main" and "ended" not in stack.what and "detached" not in stack.what]


def numbers_of(status):
    """A thread's ID here, and in its own PID namespace."""
    numbers, = (line.split()[1:] for line in status.read_text().splitlines() if line.startswith("NSpid:"))
    return int(numbers[0]), int(numbers[-1])


def assert_no_other(target, process):
    """No stack region belongs to an ended thread, and no living thread's stack counts as left behind."""
    known = {stack.tid for stack in living(process)} | {process.pid}
    tids = {region["tid"] for region in target["regions"] if region["kind"] == "stack"}
    assert tids - {None} <= known
    for stack in living(process):
        region = region_with(target, stack.local)
        assert region["kind"] != "stack" or region["tid"] == stack.tid, (stack, region)


def assert_right_or_unknown(process, target):
    """
    A stack with a guard is known if it has a mapping to itself or if the guard leaves no mapping; others may be
    unknown, but never wrong.
    """
    mappings = [(begin, end) for begin, end, *_ in mappings_of(process.pid)]
    alone = [stack for stack in living(process) if stack.guard and stack.end % PAGE == 0 and
             ((stack.start, stack.end) in mappings or has_hidden_guard(process.pid, stack))]
    assert alone  # how many depends on which mappings happen to merge
    for stack in living(process):
        if stack in alone or range_of(target, stack.tid):
            assert_stack(target, stack, "bss" if is_bss(stack) else "stack")


def check_all_sorts(variant, assert_one):
    with start("stacks.c", *OWN, *BROUGHT, *ENDED, variant=variant) as process:
        target = quiet_target_of(process.pid)
        assert_threads(process, target)
        assert_main_stack(process, target)
        assert_no_other(target, process)
        for stack in living(process):
            assert_one(target, stack, "bss" if is_bss(stack) else "stack")


@pytest.mark.parametrize("variant", GLIBC, ids=variant_id)
def test_glibc(variant):
    check_all_sorts(variant, assert_stack)


@pytest.mark.parametrize("variant", GLIBC, ids=variant_id)
def test_ended(variant):
    """The stacks that glibc keeps from ended threads are stacks of no thread."""
    with start("stacks.c", "1:pipe:own:4096:0", *ENDED, variant=variant) as process:
        target = quiet_target_of(process.pid)
        assert_threads(process, target)
        ended = [stack for stack in told(process) if stack not in living(process) and stack.what != "main"]
        assert len(ended) == 4
        for stack in ended:
            region, = parts(target, stack.start, stack.end)
            assert ends(region) == (stack.start, stack.end), stack
            assert (region["kind"], region["tid"]) == ("stack", None), stack
            assert region_with(target, stack.start - 1)["kind"] == "guard", stack


@pytest.mark.parametrize("variant", MUSL, ids=variant_id)
def test_musl(variant):
    check_all_sorts(variant, assert_musl_stack)


@pytest.mark.parametrize("variant", [("gcc",), *MUSL], ids=variant_id)
def test_pid_namespace(variant):
    """In a container, control blocks hold the thread IDs of its PID namespace: the kernel tells both IDs (NSpid)."""
    need_root()
    program = build("stacks.c", *variant)
    with Process([need("unshare"), "--pid", "--fork", "--kill-child", program, *OWN, *BROUGHT]) as process:
        pid, = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        target = quiet_target_of(pid)
        outer = dict(reversed(numbers_of(status)) for status in Path(f"/proc/{pid}/task").glob("*/status"))
        for stack in living(process):
            check = assert_stack if variant == ("gcc",) else assert_musl_stack
            check(target, stack._replace(tid=outer[stack.tid]), "bss" if is_bss(stack) else "stack")


@pytest.mark.parametrize("specs", [
    ["3:pipe:own:4096:16384"], ["2:pipe:own:4096:4096"], ["2:pipe:own:8192:32768"], ["2:pipe:own:0:16384"],
    ["1:pipe:malloc:0:32768", "1:pipe:own:4096:8192"], ["1:pipe:bss:0:32768", "1:pipe:mmap:0:16384"],
], ids="+".join)
def test_musl_small(specs):
    """Small stacks are right, though a wrong reading of the control block's fields would fit as well."""
    with start("stacks.c", *specs, variant=("musl-gcc",)) as process:
        target = quiet_target_of(process.pid)
        assert_no_other(target, process)
        for stack in living(process):
            if range_of(target, stack.tid) or ":own:" in stack.what and stack.guard:
                assert_musl_stack(target, stack, "bss" if is_bss(stack) else "stack")


def test_merged_with_ended():
    """A stack without a guard is right even if it shares a mapping, and the guard below, with one left behind."""
    with start("stacks.c", "1:pipe:own:0:0", "3:ended:own:0:262144", "1:ended:own:4096:262144") as process:
        target = quiet_target_of(process.pid)
        assert_no_other(target, process)
        for stack in living(process):
            assert_stack(target, stack)


def test_merged_to_the_size_of_another():
    """Two stacks without a guard between them are right even if their mapping is as large as a third with its guard."""
    with start("stacks.c", "1:pipe:own:4096:397312", "1:pipe:own:0:131072", "1:pipe:own:4096:266240") as process:
        target = quiet_target_of(process.pid)
        for stack in living(process):
            assert_stack(target, stack)


@pytest.mark.parametrize("variant", [*GLIBC, *MUSL], ids=variant_id)
@pytest.mark.parametrize("options", [[], ["-t"], ["-J"]], ids=lambda options: " ".join(options) or "none")
def test_nothing_is_touched(variant, options):
    """The control block is at the very top of a stack: memmap does not touch the memory above it."""
    with start("stacks.c", "2:pipe:inside:0:65536", variant=variant) as process:
        behind = [stack.start + 65536 for stack in living(process)]
        assert len(behind) == 2 and not any(is_present(process.pid, address) for address in behind)
        run = memmap(*options, process.pid)
        assert (run.returncode, run.stderr) == (0, b"")
        assert not any(is_present(process.pid, address) for address in behind)


@pytest.mark.parametrize("variant", NARROW, ids=variant_id)
def test_32_bit(variant):
    """Stacks that a program provides to a 32-bit C library may stay unknown; they are never wrong."""
    with start("stacks.c", *OWN, *BROUGHT, variant=variant) as process:
        target = quiet_target_of(process.pid)
        assert_threads(process, target)
        assert_main_stack(process, target)
        assert_no_other(target, process)
        assert_right_or_unknown(process, target)


def test_32_bit_guarded():
    """Contents of a living thread's stack that look like the fields of a control block do not mislead memmap."""
    with start("stacks.c", "1:pipe:own:4096:0", "1:pipe:guarded:0:65536", "1:pipe:own:65536:0",
               variant=("i686-linux-gnu-gcc",)) as process:
        target = quiet_target_of(process.pid)
        assert_no_other(target, process)
        for stack in living(process):
            if not is_guarded(stack) or range_of(target, stack.tid):
                assert_stack(target, stack._replace(guard=stack.guard or 4096))


@pytest.mark.parametrize("variant", [("gcc",), ("musl-gcc",)], ids=variant_id)
def test_200_threads(variant):
    with start("stacks.c", "200:pipe:own:4096:65536", variant=variant) as process:
        target = quiet_target_of(process.pid)
        assert_threads(process, target)
        assert len(living(process)) == 200
        for stack in living(process):
            (assert_stack if variant == ("gcc",) else assert_musl_stack)(target, stack)


def start_in_pid_namespace(script, *argv):
    """Starts a program in a new PID namespace; the script ends by running it."""
    return Process([need("unshare"), "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-euc", script, "sh",
                    *argv])


def target_inside(process):
    """The target that memmap shows inside the process's namespace."""
    ours = Path(f"/proc/{process.pid}/ns")
    main = next(stack for stack in told(process) if stack.what == "main")
    run = subprocess.run([need("nsenter"), f"--pid={ours / 'pid_for_children'}", f"--mount={ours / 'mnt'}",
                          f"--root={ours.parent / 'root'}", MEMMAP, "--json",
                          str(main.tid)], check=False, capture_output=True, timeout=60)
    assert run.returncode == 0, run.stderr
    return sound(json.loads(run.stdout)["targets"][0])


@pytest.mark.parametrize("variant", [("gcc",), ("musl-gcc",)], ids=variant_id)
def test_numbers_like_halves_of_addresses(variant):
    """The upper half of a pointer in a control block, 0x7eff to 0x7fff, is not taken for a thread ID."""
    need_root()
    if not Path("/proc/sys/kernel/ns_last_pid").exists():
        missing("/proc/sys/kernel/ns_last_pid (CONFIG_CHECKPOINT_RESTORE)")
    halves = range(0x7eff, 0x7fff + 1)
    script = f'echo {halves[0] - 2} > /proc/sys/kernel/ns_last_pid; "$@"; exit'
    with start_in_pid_namespace(script, build("stacks.c", *variant), f"{len(halves)}:pipe:own:4096:65536") as process:
        target = target_inside(process)
        assert {stack.tid for stack in living(process)} == set(halves)
        for stack in living(process):
            (assert_stack if variant == ("gcc",) else assert_musl_stack)(target, stack)


@pytest.mark.parametrize("variant", [("gcc",), ("musl-gcc",), ("i686-linux-gnu-gcc",)], ids=variant_id)
def test_numbers_like_other_fields(variant):
    """Threads 2 to 4 of process 1, as in a container, are right though other fields of control blocks hold such IDs."""
    need_root()
    program = build("stacks.c", *variant)
    with start_in_pid_namespace('exec "$@"', program, "3:pipe:own:4096:65536") as process:
        target = target_inside(process)
        assert {stack.tid for stack in living(process)} == {2, 3, 4}
        for stack in living(process):
            (assert_musl_stack if variant == ("musl-gcc",) else assert_stack)(target, stack)


@pytest.mark.parametrize("compiler", ["gcc", "musl-gcc"])
def test_large_variables(compiler):
    """Large thread-local variables: musl keeps them and the control block out of a stack that the program provides."""
    with start("stacks.c", "2:pipe:own:4096:0", "1:pipe:malloc:0:262144", "1:sleep:mmap:0:262144",
               variant=(compiler, "-DVARIABLES=100000")) as process:
        target = quiet_target_of(process.pid)
        assert_no_other(target, process)
        for stack in living(process):
            if compiler == "gcc":
                assert_stack(target, stack)
            elif ":own:" in stack.what or range_of(target, stack.tid):
                begin, end = range_of(target, stack.tid)
                assert begin == stack.start and stack.end <= end, stack


def test_200_threads_without_guards():
    """Adjacent stacks without guards merge into one mapping: each is found."""
    with start("stacks.c", "200:pipe:own:0:65536") as process:
        target = quiet_target_of(process.pid)
        assert_threads(process, target)
        for stack in living(process):
            assert_stack(target, stack)


@pytest.mark.parametrize("variant", [("gcc",), ("musl-gcc",)], ids=variant_id)
def test_guard_that_the_program_made(variant):
    """A page without access below a stack that the program provides is its guard."""
    with start("stacks.c", "2:pipe:guarded:0:262144", variant=variant) as process:
        target = quiet_target_of(process.pid)
        for stack in living(process):
            assert range_of(target, stack.tid)[0] == stack.start
            assert region_with(target, stack.start - 1)["kind"] == "guard", stack
            assert thread_of(target, stack.tid)["guard"] == 4096, stack


@pytest.mark.parametrize(("claims", "believed"), [
    (["1:4", "8:4"], ["1:4", "8:4"]), (["1:4", "5:4"], ["1:4", "5:4"]), (["1:4", "3:8"], []), (["1:12", "4:2"], []),
    (["1:8", "3:8", "20:4"], ["20:4"]), (["1:20", "3:4", "10:4"], [])], ids=" ".join)
def test_stacks_that_overlap(claims, believed):
    """Stacks cannot overlap: if control blocks say so, perhaps because they changed meanwhile, none is believed."""
    with start("claims.c", *claims) as process:
        target = quiet_target_of(process.pid)
        for stack in told(process):
            expected = (stack.start, stack.end) if stack.what in believed else None
            assert range_of(target, stack.tid) == expected, stack


def test_leader_has_ended():
    with start("stacks.c", *OWN, *BROUGHT, "leader-exits") as process:
        wait_until(lambda: state_of(f"/proc/{process.pid}") == "Z", "the main thread has ended")
        target = quiet_target_of(process.pid)
        assert_threads(process, target)
        assert thread_of(target, process.pid)["state"] == "exited"
        refused = memmap("--frames", process.pid, text=True)
        assert refused.returncode == 3
        other = re.search(r"the main thread, has ended; --frames=(\d+) shows one", refused.stderr)
        assert thread_of(target, int(other[1]))["state"] != "exited"
        for stack in living(process):
            assert_stack(target, stack, "bss" if is_bss(stack) else "stack")


def test_rows():
    """--threads shows one row per thread, with the same figures as JSON."""
    with start("stacks.c", *OWN[1:], "1:pipe:malloc:0:65536") as process:
        wait_for_rest(process)
        rows = [line.split(" ") for line in table(process, "--raw", "--noheadings", "--bytes").splitlines()]
        threads = quiet_target_of(process.pid)["threads"]
        assert len(rows) == len(threads) == 10
        for row, thread in zip(rows, threads):
            begin, end = int(thread["stack_start"], 16), int(thread["stack_end"], 16)
            used = thread["used"]
            room = end - begin
            if thread["tid"] == process.pid:  # the main stack grows up to its limit
                room = resource.prlimit(process.pid, resource.RLIMIT_STACK)[0]
            assert row == [str(thread["tid"]), thread["comm"], thread["state"], f"{begin:x}", f"{end:x}",
                           str(end - begin), thread["sp"][2:], str(used), thread["used_by"],
                           "-" if room < 0 else str(room - used), "-" if thread["guard"] is None else str(thread["guard"])]
        heading = "TID NAME STATE STACK-START STACK-END SIZE SP USED BY FREE GUARD"
        assert table(process).splitlines()[1].split() == heading.split()


def table(process, *args):
    done = memmap("--threads", *args, process.pid)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


def test_use():
    """USED comes from the stack pointer if a thread waits, and from the stack's pages if it runs."""
    with start("stacks.c", "1:pipe:own:4096:0", "1:spin:own:4096:0", "1:spin:bss:0:131072") as process:
        waits, *run = sorted(living(process), key=lambda stack: "spin" in stack.what)
        wait_for_rest(process, {stack.tid for stack in run})
        target = quiet_target_of(process.pid)
        thread = thread_of(target, waits.tid)
        assert thread["used_by"] == "sp"
        assert thread["used"] == waits.end - int(thread["sp"], 16)
        assert waits.start < int(thread["sp"], 16) < waits.control
        for stack in run:
            thread = thread_of(target, stack.tid)
            assert thread["state"] == "running" and thread["sp"] is None
            assert thread["used_by"] == "pages"
            assert stack.end - stack.local <= thread["used"] <= stack.end - stack.start


def test_names():
    """Whatever a thread's name, the table and the JSON stay intact."""
    names = ["plain", "with space", "a\nb", "\x1b[31mred", "\x07\x7f", '"\\', "é€", ""]
    with start("stacks.c", *(f"1:pipe:own:4096:65536:{name}" for name in names)) as process:
        target = quiet_target_of(process.pid)
        assert sorted(names) == sorted(thread_of(target, stack.tid)["comm"] for stack in living(process))
        for args in ([], ["--raw"]):
            text = table(process, *args)
            assert all(line.isprintable() for line in text.splitlines()), args
            heading = next(i for i, line in enumerate(text.splitlines()) if line.lstrip().startswith("TID"))
            assert len(text.splitlines()) - heading - 1 == len(target["threads"])


@pytest.mark.parametrize("variant", [("gcc",), ("clang",), ("gcc", "-static"), HIDDEN], ids=variant_id)
def test_without_memory(variant):
    """Without access to memory, stacks with a guard are still found; others may be unknown, but never wrong."""
    need_root()
    with as_nobody(build("stacks.c", *variant), *OWN, *BROUGHT) as process:
        target = target_without_memory(process)
        assert_threads(process, target)
        assert_main_stack(process, target)
        assert_no_other(target, process)
        assert_right_or_unknown(process, target)


@pytest.mark.parametrize("variant", [("gcc",), HIDDEN], ids=variant_id)
def test_merged_without_memory(variant):
    """A stack without a guard right above one with a guard: their mapping and the guard are not taken for one stack."""
    need_root()
    with as_nobody(build("stacks.c", *variant), "1:pipe:own:0:262144", "1:pipe:own:4096:262144") as process:
        upper, lower = sorted(living(process), key=lambda stack: -stack.start)
        begin = lower.start - lower.guard * has_hidden_guard(process.pid, lower)
        assert (begin, upper.end) in [(begin, end) for begin, end, *_ in mappings_of(process.pid)]
        target = target_without_memory(process)
        assert range_of(target, upper.tid) is range_of(target, lower.tid) is None
        assert_no_other(target, process)


@pytest.mark.parametrize("variant", [("gcc",), HIDDEN], ids=variant_id)
def test_ended_without_memory(variant):
    """Without access to memory, a stack left behind is recognised by its size alone, with basis pattern."""
    need_root()
    with as_nobody(build("stacks.c", *variant), "1:pipe:own:4096:0", "2:ended:own:4096:0") as process:
        target = target_without_memory(process)
        for stack in told(process):
            if "ended" in stack.what:
                region = region_with(target, stack.local)
                assert (region["kind"], region["basis"], region["tid"]) == ("stack", "pattern", None)
                assert ends(region) == (stack.start, stack.end)


def test_told_line():
    """The parser of these tests splits a stack's line into seven fields; the last may hold anything."""
    class Said:
        lines = ["stack 7 0x10 0x20 4096 0x18 0x1c 1:pipe:own:4096:0", "heap 7 0x10 x"]
    assert told(Said) == [Stack(7, 0x10, 0x20, 4096, 0x18, 0x1c, "1:pipe:own:4096:0")]


@pytest.mark.parametrize(("count", "codes"), [(100, []), (2000, ["stacks-unsought"])])
def test_more_memory_like_stacks_than_is_searched(count, codes):
    """If a thread has no stack, a note says that not all memory was searched for it."""
    with start("many_guards.c", str(count)) as process:
        document = memmap_json("--threads", process.pid, status=3 if codes else 0)
    assert [note["code"] for note in document["targets"][0]["notes"]] == codes


@pytest.mark.parametrize(("count", "codes"), [(100, []), (2000, ["stacks-unsought"])])
def test_more_memory_like_stacks_with_hidden_guards(count, codes):
    """In a 32-bit process, any memory may be such a stack."""
    with start("many_guards.c", str(count), "readable", variant=("i686-linux-gnu-gcc",)) as process:
        document = memmap_json("--threads", process.pid, status=3 if codes else 0)
    assert [note["code"] for note in document["targets"][0]["notes"]] == codes
