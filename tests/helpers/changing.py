# SPDX-License-Identifier: MIT
"""A program that changes its memory on command."""
from helpers.programs import start


class Changing:
    """programs/changes.c; use it in a with statement."""

    def __init__(self, *commands):
        self.process = start("changes.c")
        self.pid = self.process.pid
        self.act(*commands)

    def act(self, *commands):
        """Sends each command; returns the last answer."""
        answer = None
        for command in commands:
            self.process.child.stdin.write(command.encode() + b"\n")
            self.process.child.stdin.flush()
            answer = self.process.child.stdout.readline().decode().strip()
            assert answer, f"ended at {command}"
        return answer

    def fork(self):
        """Continues in a child, which has its parent's addresses; returns the parent's ID, and keeps the child's."""
        old, self.pid = map(int, self.act("fork").split())
        return old

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.__exit__()
