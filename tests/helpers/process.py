# SPDX-License-Identifier: MIT
"""A program under inspection: started, set up, and kept running until it is no longer needed."""
import subprocess
import time

LIMIT = 300  # seconds for what should take no time: machines are busy


def wait_until(condition, what):
    """Wait until a condition holds."""
    end = time.monotonic() + LIMIT
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not within {LIMIT} s: {what}")
        time.sleep(0.001)


class Process:
    """A child that prints lines, ends them with READY, and then waits for its standard input to close."""

    def __init__(self, argv, **kwargs):
        self.child = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **kwargs)
        self.pid = self.child.pid
        self.lines = []
        for line in self.child.stdout:
            text = line.decode(errors="replace").rstrip("\n")
            if text == "READY":
                return
            self.lines.append(text)
        self.child.wait()
        raise AssertionError(f"{argv[0]}: ended with {self.child.returncode} before READY: {self.lines}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.kill()
        self.child.wait()
        self.child.stdin.close()
        self.child.stdout.close()
