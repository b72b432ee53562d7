# SPDX-License-Identifier: MIT
"""Guards without a mapping of their own: the page map shows where they divide stacks that share a mapping."""
import pytest

from conftest import missing
from helpers.documents import ends
from helpers.kernel import mappings_of
from helpers.programs import build, start
from helpers.threads import parts, quiet_target_of, range_of, region_with, target_without_memory, thread_of, told
from helpers.users import as_nobody, need_root

GUARD = 8192


def stacks_of(process):
    if "unsupported" in process.lines:
        missing("MADV_GUARD_INSTALL (Linux 6.13)")
    stacks = sorted(told(process), key=lambda stack: stack.start)
    assert len(stacks) == 3
    for low, high in zip(stacks, stacks[1:]):
        assert low.end + GUARD == high.start
        assert any(begin < low.start and high.end <= end for begin, end, *_ in mappings_of(process.pid))
    return stacks


def assert_hidden(process, target):
    for stack in stacks_of(process):
        assert range_of(target, stack.tid) == (stack.start, stack.end), stack
        assert thread_of(target, stack.tid)["guard"] == GUARD, stack
        region, = parts(target, stack.start, stack.end)
        assert (region["kind"], region["tid"]) == ("stack", stack.tid), region
        below = region_with(target, stack.start - 1)
        assert below["kind"] == "guard", below
        assert ends(below) == (stack.start - GUARD, stack.start), below


@pytest.mark.parametrize("variant", [("gcc",), ("clang",), ("gcc", "-static")], ids="".join)
def test_hidden_guards(variant):
    with start("hidden_guards.c", variant=variant) as process:
        assert_hidden(process, quiet_target_of(process.pid))


def test_without_memory():
    need_root()
    with as_nobody(build("hidden_guards.c")) as process:
        assert_hidden(process, target_without_memory(process))
