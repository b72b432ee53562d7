# SPDX-License-Identifier: MIT
"""A program that changes its memory as it is told, and its state before that."""
from helpers.programs import start


class Changing:
    """programs/changes.c; use it in a with statement."""

    def __init__(self, *commands):
        self.process = start("changes.c")
        self.pid = self.process.pid
        self.act(*commands)

    def act(self, *commands):
        """Does each of them; returns the last answer."""
        answer = None
        for command in commands:
            self.process.child.stdin.write(command.encode() + b"\n")
            self.process.child.stdin.flush()
            answer = self.process.child.stdout.readline().decode().strip()
            assert answer, f"ended at {command}"
        return answer

    def fork(self):
        """Goes on in a child, which has all addresses of its parent; returns the ID of the parent, and keeps the child's."""
        old, self.pid = map(int, self.act("fork").split())
        return old

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.__exit__()
