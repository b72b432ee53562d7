# SPDX-License-Identifier: MIT
"""Goals for what memmap costs, compared with other programs that do the same.

Each is a ratio of two medians of one run. A run shows whether it meets these goals, which depends on the machine;
the figures that it must not exceed are those of kept.py. `stretch` is an aim beyond the gate, None if the gate is
the aim. Targets are those of targets.py; a measurement without a row here is shown without a gate.
"""
from dataclasses import dataclass
from typing import Optional

EVERYDAY = ("sleep", "python", "node", "java", "threads")
ANONYMOUS = ("untouched", "touched", "million")
FILES = ("files", "mixed")
LARGE = ANONYMOUS + FILES
# The large targets on which rivals that take seconds are measured (LEFT_OUT in commands.py).
LARGE_FOR_PMAP = ("untouched", "touched", "files", "mixed")
LARGE_FOR_ALL = ("untouched", "files")
# Not `resident`: on gigabytes of small pages every program spends all its time in the kernel.
NOT_RESIDENT = EVERYDAY + ("libraries",) + LARGE_FOR_ALL


@dataclass(frozen=True)
class Gate:
    program: str  # both as in commands.py
    rival: str
    targets: tuple
    gate: float
    stretch: Optional[float] = None


GATES = (
    # The map, against the kernel's own text, which every program reads: 1.0 is as cheap as copying it.
    Gate("memmap", "cat maps", ("sleep", "node", "java", "threads"), 1.15, 1.00),
    Gate("memmap", "cat maps", ("python",), 1.20, 1.00),
    Gate("memmap", "cat maps", ("libraries",), 1.80),  # opens every one of them
    Gate("memmap", "cat maps", ANONYMOUS, 1.40, 1.20),
    Gate("memmap", "cat maps", FILES, 1.20, 1.10),
    Gate("memmap", "pmap", ("sleep",), 0.45, 0.30),
    Gate("memmap", "pmap", ANONYMOUS, 0.35, 0.27),
    Gate("memmap", "pmap", FILES, 0.70, 0.60),
    # Start-up: a whole run on the smallest process, against a program that does nothing.
    Gate("memmap", "true", ("sleep",), 1.60, 1.20),
    Gate("static memmap", "true", ("sleep",), 1.05, 0.95),
    # Figures from smaps.
    Gate("memmap -x", "cat smaps", EVERYDAY, 1.05, 1.00),
    Gate("memmap -x", "cat smaps", LARGE, 1.12, 1.05),
    Gate("memmap -x", "pmap -x", EVERYDAY, 0.75, 0.40),
    Gate("memmap -x", "pmap -x", LARGE_FOR_PMAP, 0.50, 0.36),
    Gate("memmap -x", "pmap -X", EVERYDAY, 0.40, 0.25),
    Gate("memmap -x", "pmap -X", LARGE_FOR_ALL, 0.20, 0.13),
    Gate("memmap -x", "psutil", NOT_RESIDENT, 0.22, 0.12),
    Gate("memmap -x", "smem", NOT_RESIDENT, 0.22, 0.12),
    # Resident memory alone, from a scan of the page map.
    Gate("memmap -o +RSS", "cat smaps", ANONYMOUS, 0.30, 0.20),
    Gate("memmap -o +RSS", "cat smaps", FILES, 0.50, 0.25),
    Gate("memmap -o +RSS", "cat smaps", ("python", "node", "java", "libraries"), 0.50, 0.35),
    Gate("memmap -o +RSS", "cat smaps", ("resident",), 0.35, 0.25),
    # JSON, on targets with so many rows that little else counts: it has more about a process than the table, such as
    # its threads.
    Gate("memmap -J", "memmap", LARGE, 1.05, 1.00),
)

# Peak memory above that of a run on `sleep`, in bytes per mapping.
MEMORY_GATES = (
    Gate("memmap", "memory", LARGE, 150, 60),
    Gate("memmap -x", "memory", LARGE, 250, 110),
)


def find_gate(gates, program, rival, target):
    """The gate of this comparison on this target, or None."""
    for gate in gates:
        if (gate.program, gate.rival) == (program, rival) and target in gate.targets:
            return gate
    return None
