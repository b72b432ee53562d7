# SPDX-License-Identifier: MIT
"""A program that creates and deletes objects on command, so that tests know what is in its heap."""
import subprocess

from conftest import need
from helpers.programs import run, start
from helpers.users import need_memory


class Objects:
    """programs/class_changes.cc; use it in a with statement."""

    def __init__(self, *commands, variant=("g++", "-s")):
        need_memory()
        self.process = start("class_changes.cc", variant=variant)
        self.pid = self.process.pid
        self.act(*commands)

    def act(self, *commands):
        for command in commands:
            self.process.child.stdin.write(command.encode() + b"\n")
            self.process.child.stdin.flush()
            assert self.process.child.stdout.readline() == command.encode() + b"\n"
            self.process.child.stdout.readline()

    def core(self, folder):
        run(need("gcore"), "-o", folder / "core", str(self.pid), stdin=subprocess.DEVNULL)
        core, = folder.glob("core*")
        return core

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.__exit__()
