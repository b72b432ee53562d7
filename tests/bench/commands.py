# SPDX-License-Identifier: MIT
"""The commands that run on a target: memmap, cat of the kernel's own text, and other programs that show the same."""
import shutil
import subprocess
import sys

PSUTIL = "import psutil, sys; print(psutil.Process(int(sys.argv[1])).memory_maps(grouped=False))"

# A program and its rivals, which all run in the same rounds.
ROUNDS = (
    ("memmap", ("true", "cat maps", "pmap", "memmap -J")),
    ("static memmap", ("true", "cat maps")),
    ("memmap -x", ("cat smaps", "memmap -o +RSS")),
    ("memmap -x", ("pmap -x", "pmap -X", "psutil", "smem")),
)
# Rivals that would take minutes on some targets; quick runs leave them out.
EXPENSIVE = ("pmap -X", "psutil", "smem")
LEFT_OUT = {"touched": EXPENSIVE, "mixed": EXPENSIVE, "million": ("pmap -x", *EXPENSIVE)}
NOT_PIPED = ("million",)

# Rounds that write to a pipe, with a reader at its other end.
PIPED_ROUNDS = (
    ("memmap", ("cat maps",)),
    ("memmap -x", ("cat smaps",)),
)
# The rows of the report: the time of a program, divided by that of a rival.
RATIOS = (
    ("memmap", "true"), ("memmap", "cat maps"), ("memmap", "pmap"), ("memmap -J", "memmap"),
    ("static memmap", "true"), ("static memmap", "cat maps"),
    ("memmap -x", "cat smaps"), ("memmap -o +RSS", "cat smaps"), ("memmap -x", "pmap -x"),
    ("memmap -x", "pmap -X"), ("memmap -x", "psutil"), ("memmap -x", "smem"),
)


class Commands:
    """Command lines by name; None for what is not installed."""

    def __init__(self, memmap, static=None):
        self.memmap, self.static = memmap, static
        self.has_psutil = subprocess.run([sys.executable, "-c", "import psutil"], check=False,
                                         stderr=subprocess.DEVNULL).returncode == 0

    def lines(self, pid, token):
        """All command lines, for the target with this PID, whose own command line begins with `token`."""
        pid = str(pid)
        # Written like this, the pattern does not match the command line of smem itself.
        pattern = f"[{token[0]}]{token[1:]}"
        lines = {
            "true": ["true"],
            "cat maps": ["cat", f"/proc/{pid}/maps"],
            "cat smaps": ["cat", f"/proc/{pid}/smaps"],
            "memmap": [self.memmap, pid],
            "memmap -J": [self.memmap, "-J", pid],
            "memmap -x": [self.memmap, "-x", pid],
            "memmap -o +RSS": [self.memmap, "-o", "+RSS", pid],
            "memmap --pages": [self.memmap, "--pages", "-k", "anon", pid],
            "memmap -s -x": [self.memmap, "-s", "-x", pid],
            "static memmap": [self.static, pid] if self.static else None,
            "pmap": ["pmap", pid],
            "pmap -x": ["pmap", "-x", pid],
            "pmap -X": ["pmap", "-X", pid],
            "psutil": [sys.executable, "-c", PSUTIL, pid] if self.has_psutil else None,
            "smem": ["smem", "-P", pattern],
        }
        return {name: self.resolve(line) for name, line in lines.items()}

    @staticmethod
    def resolve(line):
        path = shutil.which(line[0]) if line else None
        return [path, *line[1:]] if path else None
