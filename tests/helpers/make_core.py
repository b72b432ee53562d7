# SPDX-License-Identifier: MIT
"""Makes core files for any machine, width and byte order, byte by byte."""
import struct
from typing import NamedTuple

ET_CORE, PT_LOAD, PT_NOTE, PN_XNUM = 4, 1, 4, 0xffff
NT_PRSTATUS, NT_PRPSINFO, NT_AUXV, NT_SIGINFO, NT_FILE = 1, 3, 6, 0x53494749, 0x46494c45
EM_386, EM_PPC, EM_PPC64, EM_ARM, EM_X86_64, EM_AARCH64, EM_MIPS = 3, 20, 21, 40, 62, 183, 8
AT_PHDR, AT_PAGESZ, AT_BASE, AT_RANDOM, AT_SYSINFO_EHDR = 3, 6, 7, 25, 33
R, W, X = 4, 2, 1
PAGE = 4096


class Load(NamedTuple):
    start: int
    size: int
    perms: int
    contents: bytes = b""
    dumped: int = None  # if more than the contents, a hole follows


class File(NamedTuple):
    start: int
    end: int
    page: int  # the offset, in pages
    name: bytes


class Maker:
    """Writes core files in a machine's format: 32 or 64 bits, and either byte order."""

    def __init__(self, machine=EM_X86_64, bits=64, order="little"):
        self.machine, self.bits = machine, bits
        self.order = "<" if order == "little" else ">"
        self.word = "Q" if bits == 64 else "I"

    def pack(self, form, *values):
        return struct.pack(self.order + form, *values)

    def words(self, *values):
        return self.pack(f"{len(values)}{self.word}", *values)

    def note(self, number, description, owner=b"CORE"):
        def padded(data):
            return data + bytes(-len(data) % 4)
        header = self.pack("III", len(owner) + 1, len(description), number)
        return header + padded(owner + b"\0") + padded(description)

    def prstatus(self, tid, registers, signal=0):
        times = self.words(*(0,) * 8)
        head = self.pack("IIIHxx", signal, 0, 0, signal) + self.words(0, 0) + self.pack("IIII", tid, 1, tid, tid)
        return self.note(NT_PRSTATUS, head + times + self.words(*registers) + self.words(0))

    def prpsinfo(self, pid, name, uid=0, wide_user=True):
        users = self.pack("II" if wide_user or self.bits == 64 else "HH", uid, uid)
        flag = self.pack("4x") + self.words(0) if self.bits == 64 else self.words(0)
        return self.note(NT_PRPSINFO, bytes(4) + flag + users + self.pack("IIII", pid, 1, pid, pid) +
                         struct.pack("16s80s", name, name))

    def siginfo(self, signal, code, address):
        gap = bytes(4) if self.bits == 64 else b""
        return self.note(NT_SIGINFO, (self.pack("III", signal, 0, code) + gap + self.words(address)).ljust(128, b"\0"))

    def auxv(self, **values):
        numbers = {"phdr": AT_PHDR, "pagesz": AT_PAGESZ, "base": AT_BASE, "random": AT_RANDOM, "vdso": AT_SYSINFO_EHDR}
        pairs = [word for name, value in {"pagesz": PAGE, **values}.items() for word in (numbers[name], value)]
        return self.note(NT_AUXV, self.words(*pairs, 0, 0))

    def files(self, files, page=PAGE):
        entries = [word for file in files for word in (file.start, file.end, file.page)]
        return self.note(NT_FILE, self.words(len(files), page, *entries) +
                         b"".join(file.name + b"\0" for file in files))

    def header(self, n, sections_at):
        ident = b"\x7fELF" + bytes([2 if self.bits == 64 else 1, 1 if self.order == "<" else 2, 1]) + bytes(9)
        sizes = (64, 56, 64) if self.bits == 64 else (52, 32, 40)
        return ident + self.pack("HHI", ET_CORE, self.machine, 1) + self.words(0, sizes[0], sections_at) + self.pack(
            "IHHHHHH", 0, sizes[0], sizes[1], min(n, PN_XNUM), sizes[2] if sections_at else 0, bool(sections_at), 0)

    def segment(self, kind, perms, offset, address, dumped, size):
        if self.bits == 64:
            return self.pack("IIQQQQQQ", kind, perms, offset, address, 0, dumped, size, 4 if kind == PT_NOTE else PAGE)
        return self.pack("IIIIIIII", kind, offset, address, 0, dumped, size, perms, 4 if kind == PT_NOTE else PAGE)

    def section(self, n):
        """The first section header, which has the number of segments if the ELF header has no room for it."""
        return self.pack("II", 0, 0) + self.words(0, 0, 0, 1) + self.pack("II", 0, n) + self.words(0, 0)

    def write(self, path, loads, notes, note_parts=None):
        """The contents of the loads follow one another in the file; what is dumped beyond them is a hole. `note_parts`
        are the segments that have the notes, as (offset, size) in these; they may overlap."""
        note_parts = note_parts or [(0, len(notes))]
        header_size, entry_size = (64, 56) if self.bits == 64 else (52, 32)
        n = len(loads) + len(note_parts)
        sections_at = header_size + n * entry_size if n >= PN_XNUM else 0
        at = header_size + n * entry_size + (64 if sections_at else 0)
        table = [self.segment(PT_NOTE, 0, at + offset, 0, size, 0) for offset, size in note_parts]
        with open(path, "wb") as file:
            file.seek(at)
            file.write(notes)
            at += len(notes)
            at += -at % PAGE if any(load.contents or load.dumped for load in loads) else 0
            for load in loads:
                dumped = len(load.contents) if load.dumped is None else load.dumped
                table.append(self.segment(PT_LOAD, load.perms, at, load.start, dumped, load.size))
                file.seek(at)
                file.write(load.contents)
                at += dumped
            file.truncate(max(at, file.tell()))
            file.seek(0)
            file.write(self.header(n, sections_at) + b"".join(table))
            if sections_at:
                file.write(self.section(n))
        return path


# ---- small core files for several machines ----

MACHINES = {
    "x86-64": (EM_X86_64, 64, "little"), "i386": (EM_386, 32, "little"),
    "AArch64": (EM_AARCH64, 64, "little"), "ARM": (EM_ARM, 32, "little"),
    "PowerPC64": (EM_PPC64, 64, "big"), "PowerPC": (EM_PPC, 32, "big"),
}
# The positions of the stack pointer and of the program counter among the registers, and the number of registers.
REGISTERS = {"x86-64": (19, 16, 27), "i386": (15, 12, 17), "AArch64": (31, 32, 34), "ARM": (13, 15, 18)}
STACK, CODE, DATA = 0x70000000, 0x400000, 0x600000


def registers(name, sp):
    at, pc, n = REGISTERS.get(name, (1, 32, 48))
    words = [0] * n
    words[at], words[pc] = sp, CODE + 16
    return words


def write_small(path, name, *, notes=b""):
    maker = Maker(*MACHINES[name])
    loads = [Load(CODE, PAGE, R | X), Load(DATA, 2 * PAGE, R | W, b"data".ljust(2 * PAGE, b"\0")),
             Load(STACK, 4 * PAGE, R | W, bytes(4 * PAGE))]
    notes += maker.prstatus(77, registers(name, STACK + PAGE), 11) + maker.prpsinfo(77, b"small", 12345)
    notes += maker.siginfo(11, 1, 0xdead000) + maker.auxv(random=STACK + 3 * PAGE, phdr=CODE + 64)
    notes += maker.files([File(CODE, CODE + PAGE, 1, b"/opt/small"), File(DATA, DATA + PAGE, 2, b"/opt/small")])
    notes += maker.prstatus(79, registers(name, 0))
    return maker.write(path, loads, notes)


def write_plain(path):
    """A core file that mentions no program and no library, and so lacks none."""
    maker = Maker()
    notes = maker.prstatus(77, registers("x86-64", STACK), 11) + maker.prpsinfo(77, b"server")
    notes += maker.siginfo(11, 1, 0x123) + maker.files([File(DATA, DATA + PAGE, 0, b"/srv/data")])
    return maker.write(path, [Load(DATA, PAGE, R), Load(STACK, PAGE, R | W, bytes(PAGE))], notes)
