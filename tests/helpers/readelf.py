# SPDX-License-Identifier: MIT
"""What an ELF file holds according to readelf, and what becomes of it in the memory of a process."""
import functools
import re
import subprocess
from typing import NamedTuple

from conftest import need
from helpers.kernel import PAGE

SEGMENT = re.compile(r"^ +(LOAD|GNU_RELRO) +(0x\w+) (0x\w+) 0x\w+ (0x\w+) (0x\w+) (...) 0x\w+$", re.M)
SECTION = re.compile(
    r"^ +\[ *(\d+)\] (\S+) +(\S+) +([0-9a-f]+) [0-9a-f]+ ([0-9a-f]+) \w\w +([A-Za-z]*) +\d+ +\d+ +\d+$", re.M)
# This also matches section 0, which is none.
SECTION_LINE = re.compile(r"^ +\[ *\d+\]", re.M)
INTERPRETER = re.compile(r"program interpreter: (.*)\]$", re.M)
BUILD_ID = re.compile(r"NT_GNU_BUILD_ID .*Build ID: ([0-9a-f]+)$", re.M)
SYMBOL = re.compile(
    r"^ +\d+: ([0-9a-f]+) +(\w+) (\w+|<OS specific>: 10) +\w+ +\w+ +(?:\[<?\w+(?:: \w+)?>?\] +)?(\w+) (\S*)", re.M)
# The last one is an indirect function, in a file whose OS/ABI is not GNU.
PLACES = ("NOTYPE", "OBJECT", "FUNC", "IFUNC", "<OS specific>: 10")
SYMBOL_LINE = re.compile(r"^ +\d+:", re.M)
# Machines whose pages are always larger, as readelf calls them.
PAGES = {"Sparc v9": 8192}
MACHINE = re.compile(r"^  Machine: +(.*)$", re.M)


class Segment(NamedTuple):
    offset: int
    start: int
    file_end: int
    end: int
    flags: str


class Section(NamedTuple):
    start: int
    end: int
    code: bool
    name: str
    index: int


class Span(NamedTuple):
    """A range of bytes of one kind."""
    start: int
    end: int
    kind: str

    def common(self, start, end):
        """How many of the bytes from start to end are in the span."""
        return max(0, min(self.end, end) - max(self.start, start))


class Elf:
    """Program headers, loaded sections, loader and build-id of a file; addresses are the file's own."""

    def __init__(self, path):
        text = subprocess.run([need("readelf"), "-hlSnW", path], check=True, text=True, env={"LC_ALL": "C"},
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        self.page = PAGES.get(MACHINE.search(text)[1], PAGE)
        segments = {"LOAD": [], "GNU_RELRO": []}
        for kind, *numbers, flags in SEGMENT.findall(text):
            offset, start, filesz, memsz = (int(number, 16) for number in numbers)
            segments[kind].append(Segment(offset, start, start + filesz, start + memsz, flags))
        self.loads = segments["LOAD"]
        self.relro = segments["GNU_RELRO"][0] if segments["GNU_RELRO"] else None
        self.sections = []
        sections = SECTION.findall(text)
        for index, name, kind, start, size, flags in sections:
            # The addresses of .tbss belong to other sections.
            if "A" in flags and int(size, 16) and not ("T" in flags and kind == "NOBITS"):
                start = int(start, 16)
                self.sections.append(
                    Section(start, start + int(size, 16), "X" in flags, name, int(index)))
        self.sections.sort()
        # A line that these expressions do not match must not go unnoticed.
        assert len(self.loads) == text.count("\n  LOAD ") > 0, text
        assert len(sections) == max(0, len(SECTION_LINE.findall(text)) - 1), text
        interpreter = INTERPRETER.search(text)
        self.interpreter = interpreter[1] if interpreter else None
        build_id = BUILD_ID.search(text)
        assert bool(build_id) == ("NT_GNU_BUILD_ID" in text), text
        self.build_id = build_id[1] if build_id else None

    def sections_of(self, segment):
        return [s for s in self.sections if segment.start <= s.start < segment.file_end]

    def is_divided(self, segment):
        """Whether this segment holds code and constants, and sections tell which is which."""
        sections = self.sections_of(segment)
        return "E" in segment.flags and bool(sections) and (
            not all(s.code for s in sections) or sections[0].start > segment.start)

    def code_spans(self, segment):
        if not self.is_divided(segment):
            return [Span(segment.start, segment.file_end, "text")]
        # The file's headers come before the first section; a gap belongs to what is before it.
        spans = [Span(segment.start, segment.file_end, "rodata")]
        for section in self.sections_of(segment):
            kind = "text" if section.code else "rodata"
            if spans[-1].kind != kind:
                spans[-1] = spans[-1]._replace(end=section.start)
                spans.append(Span(section.start, segment.file_end, kind))
        return spans

    def data_spans(self, segment, bias, is_writable):
        """The memory shows whether the loader made RELRO read-only; the file does not."""
        relro = self.relro or Segment(0, 0, 0, 0, "")
        pages = range(segment.start & -self.page, segment.file_end, self.page)
        cuts = sorted({segment.start, segment.file_end, *pages[1:],
                       *(cut for cut in (relro.start, relro.end) if segment.start < cut < segment.file_end)})
        spans = []
        for start, end in zip(cuts, cuts[1:]):
            protected = relro.start <= start < relro.end and not is_writable(bias + start)
            spans.append(Span(start, end, "relro" if protected else "data"))
        # The padding that a linker adds to fill the last page of RELRO is not data.
        in_relro = relro.start <= segment.file_end < relro.end
        spans.append(Span(relro.end if in_relro else segment.file_end, segment.end, "bss"))
        return spans

    def spans(self, bias, is_writable):
        """The spans of the file in memory when it is loaded at that bias."""
        spans = []
        for segment in self.loads:
            if "E" in segment.flags:
                assert "W" not in segment.flags, "a segment of writable code: not foreseen"
                spans += self.code_spans(segment)
            elif "W" in segment.flags:
                spans += self.data_spans(segment, bias, is_writable)
            else:
                spans.append(Span(segment.start, segment.file_end, "rodata"))
        return [Span(bias + s.start, bias + s.end, s.kind) for s in spans if s.end > s.start]

    def pages(self, bias):
        """The start and the end of the pages that the segments take."""
        return bias + (self.loads[0].start & -self.page), bias + -(-self.loads[-1].end & -self.page)


elf_of = functools.cache(Elf)


class Symbol(NamedTuple):
    value: int
    end: int  # equal to value if the file gives no size
    section: int
    name: str


def load_at(elf, address):
    """The number of the loaded segment that holds an address of the file, or None."""
    return next((i for i, load in enumerate(elf.loads) if load.start <= address < load.end), None)


@functools.cache
def symbols_of(path):
    """The symbols of a file that have an address: from .symtab or, if there is none, from .dynsym.

    If there are no section headers, they are those that the loader finds, each in a segment instead of a section.
    """
    elf = elf_of(path)
    text = subprocess.run([need("readelf"), "-sW" if elf.sections else "-sDW", path], check=True, text=True,
                          env={"LC_ALL": "C"}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    table = max(text.split("Symbol table ")[1:], key=lambda part: part.startswith("'.symtab'"), default="")
    sections = {section.index: section for section in elf.sections}
    symbols = []
    found = SYMBOL.findall(table)
    assert len(found) == len(SYMBOL_LINE.findall(table)), table
    for value, size, kind, index, name in found:
        value = int(value, 16)
        if not name or not index.isdecimal() or kind not in PLACES:
            continue
        place = int(index) if elf.sections else load_at(elf, value)
        if place in sections if elf.sections else place is not None:
            symbols.append(Symbol(value, value + int(size, 0), place, name.split("@")[0]))
    return symbols


def names_at(path, address):
    """The names that memmap may show for an address of the file: all those of the innermost symbol, or none."""
    symbols = symbols_of(path)
    around = [symbol for symbol in symbols if symbol.value <= address < symbol.end]
    if around:
        value = max(symbol.value for symbol in around)
        return {symbol.name for symbol in around if symbol.value == value}
    # A symbol without a size ends at the next symbol, or at the end of its section.
    value = max((symbol.value for symbol in symbols if symbol.value <= address), default=address)
    here = [symbol for symbol in symbols if symbol.value == value]
    section = next((s for s in elf_of(path).sections if s.start <= value < s.end), None)
    if not elf_of(path).sections and here:
        load = elf_of(path).loads[here[0].section]
        # Code without a size ends after one byte: not all functions are in this table.
        section = Section(load.start, value + 1 if "E" in load.flags else load.end, False, "", here[0].section)
    if (section is None or address >= section.end or any(symbol.value < symbol.end for symbol in here)
            or any(symbol.value < value < symbol.end for symbol in symbols)):
        return set()
    return {symbol.name for symbol in here if symbol.section == section.index}


def remove_sections(path):
    """Remove the section headers, which strip keeps. The program runs without them."""
    data = bytearray(path.read_bytes())
    is_wide = data[4] == 2
    # e_shoff; e_shnum and e_shstrndx.
    for start, end in ((0x28, 0x30), (0x3c, 0x40)) if is_wide else ((0x20, 0x24), (0x30, 0x34)):
        data[start:end] = bytes(end - start)
    path.write_bytes(data)
