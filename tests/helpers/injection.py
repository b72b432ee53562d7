# SPDX-License-Identifier: MIT
"""memmap with one system call failing: which calls a view makes, and what happens if each of them fails.

strace numbers the calls of each name, and makes the N-th fail instead of executing it. The calls of the dynamic loader,
before memmap's own first call, are left out.
"""
import collections
import json
import re
import subprocess

from conftest import LIMIT, MEMMAP, need
from helpers.users import UNDER_STRACE

# Errors, and the calls for which they make sense; None: all calls.
ERRORS = {
    "EIO": None,
    "ENOMEM": None,
    "EMFILE": ("open", "openat", "openat2", "dup", "fcntl", "pidfd_open", "pipe2", "socketpair", "eventfd2"),
    "EACCES": ("openat", "openat2", "readlinkat", "newfstatat", "statx", "faccessat2", "ptrace", 
               "get_robust_list", "move_pages", "read", "pread64"),
}
# Calls that are not made to fail: they make no difference to what memmap knows, or end a process. brk() has no error:
# a kernel that refuses returns the old address, and strace's error misleads libc. If futex() fails, libc ends the
# program.
NOT_ASKED = ("brk", "futex", "execve", "exit", "exit_group", "close", "munmap", "getpid", "gettid", "arch_prctl", "rt_sigreturn",
             "restart_syscall", "wait4", "waitid")
CALL = re.compile(rb"^(\d+) +(\w+)\((.*)", re.M)
# What memmap says of all processes that may have the name of the target.
NAMELESS = re.compile(rb"memmap: [^:]+: cannot read the names of \d+ process(es)?: [^:]+")
LOADER = b"error while loading shared libraries"
# Claims that are false if a call merely failed with such an error.
LIES = re.compile(rb"ended|no such process|not installed|zombie|no process of that name|deleted|no user")

# These depend on which other processes use the same pages, or on the rest of the system.
UNSTEADY = re.compile(r"taken_at|.*pss.*|.*shared.*|.*private.*|.*uss.*|kernel_stacks|referenced|.*clean.*|.*dirty.*")

Injection = collections.namedtuple("Injection", "call number error")


def strace(argv, *options):
    return subprocess.run([need("strace"), "-f", "-qq", *options, "--", MEMMAP, *map(str, argv)], check=False,
                          capture_output=True, timeout=LIMIT, env=UNDER_STRACE)


def calls_of(argv, log):
    """(NAME, NUMBER) of each system call that memmap itself makes, numbered as strace does: per process."""
    strace(argv, "-o", log)
    seen = collections.Counter()
    loading = collections.Counter()
    found = {}
    is_own = False
    for tracee, name, arguments in CALL.findall(log.read_bytes()):
        is_own = is_own or b'"/proc' in arguments or is_of_target(argv, arguments)
        seen[tracee, name] += 1
        if not is_own:
            loading[name] += 1
        # strace counts per process: failing a child's first call would also fail the loader's first call.
        if is_own and name.decode() not in NOT_ASKED and seen[tracee, name] > loading[name]:
            found[name.decode(), seen[tracee, name]] = None
    return list(found)


def is_of_target(argv, arguments):
    return any(str(arg).startswith("/") and f'"{arg}"'.encode() in arguments for arg in argv)


def injections(calls, errors):
    return [Injection(name, number, error) for error in errors for name, number in calls
            if ERRORS[error] is None or name in ERRORS[error]]


def inject(argv, injection):
    what = f"{injection.call}:error={injection.error}:when={injection.number}"
    return strace(argv, "--seccomp-bpf", "-o", "/dev/null", "-e", f"trace={injection.call}", "-e", f"inject={what}")


# ---- what came of it ----

def steady(value):
    """A document without what changes from one reading to the next."""
    if isinstance(value, dict) and value.get("code") == "stopped":
        return value["code"]  # the text says for how long
    if isinstance(value, dict):
        return {key: steady(item) for key, item in value.items() if not UNSTEADY.fullmatch(key)}
    return [steady(item) for item in value] if isinstance(value, list) else value


def answer_of(done):
    """What memmap printed, for comparisons; a document is parsed, without what changes."""
    if done.stdout.lstrip().startswith(b"{"):
        return steady(json.loads(done.stdout))
    return done.stdout


# Keys whose values may come from another source if something may not be read; the document shows that it is another.
BY_ANOTHER_WAY = ("basis", "file", "used", "used_by")


def is_with_nulls(whole, partial):
    """Whether `partial` is `whole` with some values replaced by null, or taken from another source that it names."""
    if partial is None:
        return True
    if isinstance(whole, dict) and isinstance(partial, dict):
        return whole.keys() == partial.keys() and all(
            key in BY_ANOTHER_WAY or is_with_nulls(whole[key], partial[key]) for key in whole)
    if isinstance(whole, list) and isinstance(partial, list):
        return len(whole) == len(partial) and all(map(is_with_nulls, whole, partial))
    return whole == partial


def lines_of(stderr):
    """The lines that say what went wrong, without how long threads were stopped, which every run prints."""
    return [line for line in stderr.splitlines() if line.strip() and b"all threads were stopped" not in line]


def notes_of(done):
    """The texts of the notes in a document."""
    targets = json.loads(done.stdout)["targets"] if done.stdout.lstrip().startswith(b"{") else []
    return [note["text"].encode() for target in targets for note in target["notes"]]


def outcome(done, whole, injection):
    """same, loader, null, reported or refused; or, in capitals, what must not happen."""
    lines = lines_of(done.stderr)
    # The call with that number fails in each process, perhaps also the write() that was to report the failure.
    if injection.call == "write" and done.returncode == 3:
        lines = lines or notes_of(done)
    if done.returncode == 127 and LOADER in done.stderr:
        return "loader"
    if done.returncode not in (0, 1, 3, 4):
        return f"DIED: {done.returncode}"
    if done.returncode == 1:
        # A call with that number fails in each thread, also in those that look for a name: they have one line, too.
        of_target = [line for line in lines if not NAMELESS.fullmatch(line)]
        is_clear = lines and max(len(of_target), len(lines) - len(of_target)) == 1
        is_true = all(line.startswith(b"memmap: ") and not LIES.search(line) for line in lines)
        return "refused" if is_clear and is_true else "UNCLEAR"
    try:
        answer = answer_of(done)
    except ValueError:
        return "BROKEN"
    # With findings (4), the exit status does not show that something is missing: the lines do.
    if done.returncode == 3 or (done.returncode == 4 and lines):
        if not lines or any(LIES.search(line) for line in lines):
            return "UNCLEAR"
        return "reported"
    if answer == whole:
        return "same"
    if injection.error == "EACCES" and is_with_nulls(whole, answer):
        return "null"
    return "SILENT"


def is_allowed(result):
    return result.islower()
