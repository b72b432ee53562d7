#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What memmap costs, beside programs that show the same, and what its targets notice of it.

    meson test --benchmark -C build     everything, about eight minutes
    tests/bench/bench.py --quick        a first look at the program in build/, below one minute
    tests/bench/bench.py --keep FILE... keep the figures of these runs, given as their JSON files, as the
                                        limits of later ones (kept.json): three runs on a quiet machine

It prints a table of ratios, with the kept figures (kept.py) and the goals (gates.py), and one of delays in
the target; a JSON file has the same and more:

    { "format": 1,
      "machine": { "kernel": "6.1.0", "cpus": 2, "load": 0.3, "memmap": "memmap 0.1.0" },
      "kept_machine": { "kernel": "6.1.0", "cpus": 2 },
      "ratios": [ {
        "target": "sleep", "mappings": 24, "sink": "null" or "pipe",
        "program": "memmap", "rival": "cat maps", "rounds": 151,
        "program_seconds": 0.0021, "rival_seconds": 0.0018,    medians, spawn to exit
        "program_cpu": [0.001, 0.001],                         medians: user, system
        "ratio": 1.17,                                         of the medians
        "quartiles": [1.1, 1.2],                               of the ratios of the rounds
        "kept": 1.1 or null, "limit": 1.21 or null,
        "change": "worse", "better", "same" or null,           of the ratio from the kept one
        "gate": 1.15 or null, "stretch": 1.0 or null,
        "result": "missed", "held", "stretch", "shown" (without a gate), or why it was not measured
      } ],
      "memory": [ { "target", "program", "mappings", "bytes_per_mapping", "kept", "limit", "change",
                    "gate", "stretch", "result" } ],
      "stalls": [ { "target", "reader" (null: none), "runs", "rounds", "median", "p99", "worst",
                    "stalled": 0.1                         of the time, in rounds above a millisecond
      } ] }

Times are in seconds; those in stalls are microseconds of one mmap(), write and munmap() of a page. Figures that
could not be measured are null. The exit status is 1 if anything is worse than its kept figure by more than the
tolerance, whatever the goals; 2 if memmap or a rival failed, and the rest was not measured.
"""
import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import kept  # noqa: E402
from commands import EXPENSIVE, LEFT_OUT, NOT_PIPED, PIPED_ROUNDS, RATIOS, ROUNDS, Commands  # noqa: E402
from gates import GATES, MEMORY_GATES, find_gate  # noqa: E402
from report import print_report  # noqa: E402
from rounds import LEAST, CommandFailed, Stopwatch, paired, ratio  # noqa: E402
from stalls import STALLED, measure_stalls  # noqa: E402
from targets import MAKERS, Maker, NotHere  # noqa: E402

BEGIN = time.monotonic()
CAP = 8 * 60  # seconds, after which the rest is measured in as few rounds as make a median
BUDGET = 4  # seconds for the rounds of one program and its rivals, unless the least number takes longer
QUICK_BUDGET = 0.5
QUICK_TARGETS = ("sleep", "python", "threads", "libraries", "untouched", "files")
QUICK_STALLED = ("untouched",)
FEWEST = 3  # rounds that make a median


def parse(argv):
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    directory = Path(__file__).resolve().parents[2] / "build"
    parser.add_argument("--build", type=Path, default=directory, metavar="DIR", help="the build directory")
    parser.add_argument("--memmap", metavar="PATH", help="the program, if it is not the one of --build")
    parser.add_argument("--static", metavar="PATH", help="a static build, for its start-up")
    parser.add_argument("--targets", metavar="LIST", help="only these of: " + ",".join(MAKERS))
    parser.add_argument("--json", type=Path, metavar="FILE", help="default: bench.json in --build")
    parser.add_argument("--quick", action="store_true", help="fewer targets, rivals and rounds")
    parser.add_argument("--keep", type=Path, nargs="+", metavar="FILE", help="measure nothing, but keep these figures")
    parser.add_argument("--no-stalls", action="store_true", help="leave out what the target notices")
    options = parser.parse_args(argv)
    options.memmap = options.memmap or str(options.build / "src" / "memmap")
    options.json = options.json or options.build / "bench.json"
    options.names = options.targets.split(",") if options.targets else (
        QUICK_TARGETS if options.quick else tuple(MAKERS))
    for name in options.names:
        if name not in MAKERS:
            parser.error(f"no such target: {name}")
    return options


def judge(value, gate):
    """Compares a measured value with its gate; without a gate, the value is just shown."""
    if gate is None:
        return "shown"
    if value > gate.gate:
        return "missed"
    return "stretch" if gate.stretch is not None and value <= gate.stretch else "held"


def judged(row, value, gate, figures):
    return {**row, **kept.compare(row, figures), "gate": gate.gate if gate else None,
            "stretch": gate.stretch if gate else None, "result": judge(value, gate)}


FIGURES = ("rounds", "program_seconds", "rival_seconds", "program_cpu", "ratio", "quartiles")


def not_measured(about, sink, gate, why, figures):
    row = {**about, "sink": sink, "program": gate.program, "rival": gate.rival, **dict.fromkeys(FIGURES)}
    return {**row, **kept.compare(row, figures), "gate": gate.gate, "stretch": gate.stretch, "result": why}


class Bench:
    """All measurements of one run of this program."""

    def __init__(self, options, stopwatch):
        self.options = options
        self.stopwatch = stopwatch
        self.commands = Commands(options.memmap, options.static)
        self.kept = kept.load()
        self.ratios, self.memory, self.stalls = [], [], []
        self.empty = {}  # peak memory of each program on the smallest process

    def token(self, name):
        return f"bench-{name}-{os.getpid()}"

    # ---- time ----

    def times(self, lines, rounds, sink):
        """Measures one target; returns {(program, rival): the runs of both}."""
        pairs = {}
        is_short = self.options.quick or time.monotonic() - BEGIN > CAP
        budget, least = (QUICK_BUDGET, FEWEST) if is_short else (BUDGET, LEAST)
        for program, rivals in rounds:
            chosen = {name: lines[name] for name in (program, *rivals) if lines[name]}
            if program not in chosen or len(chosen) == 1:
                continue
            runs = paired(self.stopwatch, chosen, sink, budget, least)
            pairs.update({(a, b): (runs[a], runs[b]) for a in runs for b in runs if a != b})
        return pairs

    def add_ratios(self, about, pairs, sink, lines):
        for program, rival in RATIOS:
            gate = find_gate(GATES, program, rival, about["target"]) if sink == "null" else None
            if (program, rival) in pairs:
                row = {**about, "sink": sink, "program": program, "rival": rival}
                self.ratios.append(self.ratio_row(row, pairs[program, rival], gate))
            elif gate and not (self.options.quick and rival in EXPENSIVE):
                self.ratios.append(not_measured(about, sink, gate, self.why_not(lines, program, rival), self.kept))

    @staticmethod
    def why_not(lines, program, rival):
        if not lines[program]:
            return "no --static" if program == "static memmap" else f"{program} cannot be run"
        return f"{rival} not installed"

    def ratio_row(self, row, runs, gate):
        program, rival = runs
        value, low, high = ratio(program, rival)
        row.update(
            rounds=len(program),
            program_seconds=statistics.median(run.seconds for run in program),
            rival_seconds=statistics.median(run.seconds for run in rival),
            program_cpu=[statistics.median(run.user for run in program),
                         statistics.median(run.system for run in program)],
            ratio=value, quartiles=[low, high])
        return judged(row, value, gate, self.kept)

    # ---- memory ----

    def add_memory(self, about, lines):
        for gate in MEMORY_GATES:
            if about["target"] not in gate.targets or gate.program not in self.empty:
                continue
            peak = statistics.median(self.stopwatch.run(lines[gate.program]).peak for _ in range(3))
            value = (peak - self.empty[gate.program]) / about["mappings"]
            row = {**about, "program": gate.program, "bytes_per_mapping": round(value, 1)}
            self.memory.append(judged(row, value, gate, self.kept))

    def learn_empty(self, maker):
        token = self.token("empty")
        with maker.start("sleep", token) as process:
            lines = self.commands.lines(process.pid, token)
            for gate in MEMORY_GATES:
                self.empty[gate.program] = statistics.median(
                    self.stopwatch.run(lines[gate.program]).peak for _ in range(3))

    # ---- all ----

    def measure(self, maker, name):
        """Measures everything about the target `name`, except its delays."""
        token = self.token(name)
        try:
            process = maker.start(name, token)
        except NotHere as error:
            self.add_absent(name, str(error))
            return
        with process:
            lines = self.commands.lines(process.pid, token)
            lines.update((left, None) for left in (EXPENSIVE if self.options.quick else LEFT_OUT.get(name, ())))
            with open(f"/proc/{process.pid}/maps", "rb") as maps:
                about = {"target": name, "mappings": sum(1 for _ in maps)}
            self.add_ratios(about, self.times(lines, ROUNDS, "null"), "null", lines)
            if not self.options.quick and name not in NOT_PIPED:
                self.add_ratios(about, self.times(lines, PIPED_ROUNDS, "pipe"), "pipe", lines)
            self.add_memory(about, lines)

    def add_absent(self, name, why):
        for gate in GATES:
            if name in gate.targets:
                self.ratios.append(not_measured({"target": name, "mappings": None}, "null", gate, why, self.kept))

    def stalled(self):
        """The targets whose delays are measured."""
        chosen = QUICK_STALLED if self.options.quick else STALLED
        return [name for name in chosen if name in self.options.names and not self.options.no_stalls]

    def run(self, maker):
        self.learn_empty(maker)
        for name in self.options.names:
            tell(name)
            self.measure(maker, name)
        for name in self.stalled():
            tell(f"delays in {name}")
            self.stalls += measure_stalls(maker, self.stopwatch, self.commands, name, self.token(name),
                                          0.5 if self.options.quick else 2)


def tell(what):
    print(f"{time.monotonic() - BEGIN:4.0f} s: {what}", file=sys.stderr, flush=True)


def machine(memmap):
    version = subprocess.run([memmap, "--version"], check=True, capture_output=True, text=True).stdout.strip()
    return {"kernel": os.uname().release, "cpus": os.cpu_count(), "load": os.getloadavg()[0],
            "memmap": version}


def keep(paths):
    kept.PATH.write_text(kept.text_of(kept.renewed([kept.load(path) for path in paths])), encoding="utf-8")
    print(kept.PATH)
    return 0


def status_of(rows):
    """1 if anything got worse. Goals do not count: the same program meets them on one machine and not on another."""
    return 1 if any(row["change"] == "worse" for row in rows) else 0


def main(argv):
    options = parse(argv)
    if options.keep:
        return keep(options.keep)
    # Leave through the with statements: they end their processes and restore a raised limit.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
    os.environ.update(LC_ALL="C.UTF-8")
    os.environ.pop("MALLOC_PERTURB_", None)  # from meson: makes malloc() fill memory
    programs = options.build / "tests" / "bench"
    about = machine(options.memmap)
    if about["load"] > about["cpus"] / 2:
        print(f"bench: the load is {about['load']:.1f}: on a busy machine the longer of two runs seems longer than it is",
              file=sys.stderr)
    failure = None
    try:
        with Stopwatch(programs / "stopwatch") as stopwatch, \
                Maker(programs / "target", programs / "libtiny.so") as maker:
            bench = Bench(options, stopwatch)
            bench.run(maker)
    except CommandFailed as error:
        failure = error  # still report what was measured so far: it took minutes
    document = {"format": 1, "machine": about, "kept_machine": bench.kept["machine"], "ratios": bench.ratios,
                "memory": bench.memory, "stalls": bench.stalls}
    print_report(document)
    options.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print(f"\n{options.json}")
    if failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 2
    return status_of(bench.ratios + bench.memory)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
