# SPDX-License-Identifier: MIT
"""Threads that come and go while they are read."""
from cli.helpers import ends
from threads.told import build, ranges_of, target_of
from conftest import Process

RUNS = 1000


def test_churn(tmp_path):
    """Every stack that is told was one: of that thread, from end to end."""
    log = tmp_path / "log"
    targets = []
    with Process([build("churn.c"), log]) as process:
        for _ in range(RUNS):
            target = target_of(process.pid)
            regions = [region for region in target["regions"] if region["kind"] == "stack"]
            targets.append((ranges_of(target), [(*ends(region), region["tid"]) for region in regions]))
        process.child.stdin.close()
        assert process.child.wait(timeout=60) == 0
        pid = process.pid
    stacks = {tuple(int(word, 0) for word in line.split(" ")) for line in log.read_text().splitlines()}
    blocks = {(begin, end) for _, begin, end in stacks}
    seen = 0
    for ranges, regions in targets:
        for begin, end, thread in ranges:
            if thread["tid"] != pid:
                assert (thread["tid"], begin, end) in stacks, thread
                seen += 1
        for begin, end, tid in regions:
            if tid == pid:
                continue
            assert any(low <= begin and end <= high for low, high in blocks), (hex(begin), hex(end), tid)
            if tid is not None:
                assert any(stack[0] == tid and stack[1] <= begin and end <= stack[2] for stack in stacks)
    assert seen > 0
