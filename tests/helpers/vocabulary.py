# SPDX-License-Identifier: MIT
"""What the program itself says that its options, views, columns and kinds are."""
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
    """What matches in the lines of options, several of which may share a line."""
    lines = (re.match(r"  (?:-\w,|   ) --\S+?(?:, (?:-\w, )?--\S+?)*(?= )", line) for line in output("--help").splitlines())
    return {word for line in lines if line for words in re.findall(pattern, line.group()) for word in words if word}


def options():
    """Each option as it is written: "--json", "-J"."""
    return matching_options(r"(?:(-\w), )?(--[\w-]+)")


def options_with_argument():
    return matching_options(r"(?:(-\w), )?(--[\w-]+)\[?=")


def views():
    """The long options that ask for a view, each with an argument where it needs one."""
    arguments = {"--at=": "--at=main"}
    with_columns = re.findall(r"^(--[\w-]+):$", output("--help=columns"), re.MULTILINE)
    found = []
    for line in group("Views"):
        # Several share a line where one sentence does for them.
        first, *others = re.findall(r"--[\w-]+=?", line)
        found += [first, *(option for option in others if option in with_columns)]
    return [arguments.get(option, option) for option in found]


def joined_views():
    """Those of two options, which have columns of their own: "--diff --blocks"."""
    return re.findall(r"^(--[\w-]+ --[\w-]+):$", output("--help=columns"), re.MULTILINE)


def has_demangle():
    """Nor --demangle, which takes libiberty."""
    return b"built without libiberty" not in memmap("--demangle", "--at", "main", "1").stderr


def has_frames():
    """Not every build has --frames: it takes libdw."""
    return b"this build has no --frames" not in memmap("--frames", "--list-columns").stderr


def columns(*view):
    """Those of a view; without one, of the map."""
    return [line.split()[0] for line in output(*view, "--list-columns").splitlines()]


def checks():
    return [line.split()[0] for line in output("--help=checks").splitlines()]


def kinds():
    return [line.split()[0] for line in output("--help=kinds").splitlines()]
