# SPDX-License-Identifier: MIT
"""Threads that come and go while memmap reads them."""
from conftest import LIMIT, Process, often
from helpers.documents import ends
from helpers.preload import preloaded
from helpers.programs import build
from helpers.threads import ranges_of, sound_target_of

RUNS = often(1000)
RUNS_WITH_PAUSES = often(300)


def read_often(directory, runs, prepare=lambda: None):
    """For each reading, the stack ranges of all threads and the stack regions; and all stacks that ever existed."""
    log = directory / "log"
    readings = []
    with Process([build("thread_churn.c"), log]) as process:
        prepare()
        for _ in range(runs):
            target = sound_target_of(process.pid)
            regions = [region for region in target["regions"] if region["kind"] == "stack"]
            readings.append(([(thread["tid"], begin, end) for begin, end, thread in ranges_of(target)
                              if thread["tid"] != process.pid],
                             [(region["tid"], *ends(region)) for region in regions if region["tid"] != process.pid]))
        process.child.stdin.close()
        assert process.child.wait(timeout=LIMIT) == 0
    return readings, [tuple(int(word, 0) for word in line.split(" ")) for line in log.read_text().splitlines()]


def assert_true(readings, stacks):
    """Every stack shown was that thread's, from end to end; the stack of the thread that stays is always shown."""
    for ranges, regions in readings:
        assert stacks[0] in ranges
        assert not set(ranges) - set(stacks)
        for tid, begin, end in regions:
            assert any(tid in (None, number) and low <= begin and end <= high for number, low, high in stacks), \
                (tid, hex(begin), hex(end))


def test_churn(tmp_path):
    assert_true(*read_often(tmp_path, RUNS))


def test_pauses(tmp_path, monkeypatch):
    """memmap is right even if a stack becomes another thread's while its control block is being read."""
    needed = preloaded(build("pauses.c", "gcc", "-shared", "-fPIC"))

    def preload():
        for name, value in needed.items():
            monkeypatch.setenv(name, value)

    assert_true(*read_often(tmp_path, RUNS_WITH_PAUSES, preload))
