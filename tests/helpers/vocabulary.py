# SPDX-License-Identifier: MIT
"""The options, views, columns, checks and kinds that the program itself lists."""
import functools
import re

from conftest import memmap


def output(*args):
    run = memmap(*args, text=True)
    assert run.returncode == 0 and run.stderr == ""
    return run.stdout


@functools.cache
def group(heading):
    """The lines below one heading of --help."""
    return re.search(rf"^{heading}:\n((?:  .*\n)+)", output("--help"), re.MULTILINE).group(1).splitlines()


def matching_options(pattern):
    """What matches in the option lines of --help; several options may share a line."""
    lines = (re.match(r"  (?:-\w,|   ) --\S+?(?:, (?:-\w, )?--\S+?)*(?= )", line) for line in output("--help").splitlines())
    return {word for line in lines if line for words in re.findall(pattern, line.group()) for word in words if word}


def options():
    """Each option as it is written: "--json", "-J"."""
    return matching_options(r"(?:(-\w), )?(--[\w-]+)")


def options_with_argument():
    return matching_options(r"(?:(-\w), )?(--[\w-]+)\[?=")


def views():
    """The long options that ask for a view, each with an argument if it needs one."""
    arguments = {"--at=": "--at=main"}
    with_columns = re.findall(r"^(--[\w-]+):$", output("--help=columns"), re.MULTILINE)
    found = []
    for line in group("Views"):
        # Several share a line if one sentence describes them all.
        first, *others = re.findall(r"--[\w-]+=?", line)
        found += [first, *(option for option in others if option in with_columns)]
    return [arguments.get(option, option) for option in found]


def joined_views():
    """The views that take two options and have their own columns: "--diff --blocks"."""
    return re.findall(r"^(--[\w-]+ --[\w-]+):$", output("--help=columns"), re.MULTILINE)


def has_demangle():
    """Not every build has --demangle: it needs libiberty."""
    return b"built without libiberty" not in memmap("--demangle", "--at", "main", "1").stderr


def has_frames():
    """Not every build has --frames: it needs libdw."""
    return b"this build has no --frames" not in memmap("--frames", "--list-columns").stderr


def columns(*view):
    """The columns of a view, or of the map if none is given."""
    return [line.split()[0] for line in output(*view, "--list-columns").splitlines()]


def checks():
    return [line.split()[0] for line in output("--help=checks").splitlines()]


def kinds():
    return [line.split()[0] for line in output("--help=kinds").splitlines()]
