# SPDX-License-Identifier: MIT
"""Times commands in paired rounds: each round runs all of them, in a random order."""
import os
import random
import statistics
import subprocess
from dataclasses import dataclass

LEAST, MOST = 7, 151  # rounds


class CommandFailed(Exception):
    """A command that was to be timed failed."""


@dataclass(frozen=True)
class Run:
    seconds: float  # from spawn to exit
    user: float
    system: float
    peak: int  # bytes


class Stopwatch:
    """A running stopwatch.c; see there for why it exists."""

    def __init__(self, program):
        self.child = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      stderr=subprocess.DEVNULL, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.stdin.close()
        self.child.stdout.close()
        self.child.wait()

    def run(self, line, sink="null"):
        """Runs a command line to its end, with its output going to a `sink`: "null" or "pipe"."""
        self.child.stdin.write("\t".join([sink, *line]) + "\n")
        self.child.stdin.flush()
        answer = self.child.stdout.readline().split()
        if len(answer) != 5:
            raise CommandFailed(f"{' '.join(line)}: cannot be run")
        nanoseconds, user, system, peak, status = map(int, answer)
        # memmap exits with 3 after it has shown all but what this user may not read.
        if os.waitstatus_to_exitcode(status) not in (0, 3):
            raise CommandFailed(f"{' '.join(line)}: exit status {os.waitstatus_to_exitcode(status)}")
        return Run(nanoseconds / 1e9, user / 1e6, system / 1e6, peak * 1024)


def paired(stopwatch, lines, sink, budget, least):
    """The runs of each command, by name and in the order of the rounds.

    `lines` are command lines by name. As many rounds are run as fit into `budget` seconds, after one
    that warms up and shows what a round costs.
    """
    first = {name: stopwatch.run(line, sink) for name, line in lines.items()}
    cost = sum(run.seconds for run in first.values())
    count = max(least, min(MOST, int(budget / cost)))
    runs = {name: [] for name in lines}
    for _ in range(count):
        for name in random.sample(list(lines), len(lines)):
            runs[name].append(stopwatch.run(lines[name], sink))
    return runs


def ratio(program, rival):
    """The ratio of the medians, and the quartiles of the ratios of the rounds."""
    program, rival = ([run.seconds for run in runs] for runs in (program, rival))
    rounds = [a / b for a, b in zip(program, rival)]
    low, _, high = statistics.quantiles(rounds, n=4)
    return statistics.median(program) / statistics.median(rival), low, high
