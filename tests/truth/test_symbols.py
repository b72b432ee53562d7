# SPDX-License-Identifier: MIT
"""--at: sections and symbols of a program in every layout, compared with readelf."""
import random
import tempfile
from pathlib import Path

import pytest

from conftest import Process, memmap_json
from helpers import layouts as build
from helpers.readelf import elf_of, names_at, symbols_of

PROGRAMS = [
    *(("gcc", linker, layout) for linker in build.LINKERS for layout in ("pie", "static", "stripped")),
    *(("clang", linker, "pie") for linker in build.LINKERS),
    ("gcc", "bfd", "fixed"),
    ("gcc", "bfd", "static-pie"),
    ("gcc", "bfd", "noseparate"),
    ("gcc", "bfd", "no-sections"),
    ("musl-gcc", None, "static"),
    ("i686-linux-gnu-gcc", None, "static"),
]
OWN = {"outer", "inner", "unsized_twin", "plain", "weak_alias", "with_padding_around", "page_of_bss"}
# How many symbols are tested: a static program has all those of the C library.
SAMPLE = 150


@pytest.fixture(scope="module", params=PROGRAMS, ids=build.variant_id)
def program(request):
    with tempfile.TemporaryDirectory() as directory:
        yield build.build_symbols(Path(directory).resolve() / "program", *request.param)


def places_of(program, addresses):
    """What memmap shows for addresses of the program's file, while the program runs."""
    queries = [word for address in addresses for word in ("--at", f"program:{address:#x}")]
    with Process([program]) as process:
        target, = memmap_json(*queries, process.pid)["targets"]
    assert [place["elf_address"] for place in target["at"]] == [hex(address) for address in addresses]
    return target["at"]


def said(place):
    return {place["symbol"]["name"].split("@")[0]} if place["symbol"] else set()


def assert_names(program, addresses):
    """Check names against readelf; return how many addresses have a name, and how many do not."""
    named = 0
    assert addresses
    for address, place in zip(addresses, places_of(program, addresses), strict=True):
        wanted, names = names_at(program, address), said(place)
        assert bool(wanted) == bool(names) and names <= wanted, (hex(address), wanted, place)
        if place["symbol"]:
            value = address - place["symbol"]["offset"]
            symbols = [s for s in symbols_of(program) if s.value == value and s.name in names]
            sizes = {symbol.end - symbol.value or None for symbol in symbols}
            assert place["symbol"]["size"] in sizes, (hex(address), symbols, place)
            named += 1
    return named, len(addresses) - named


def mapped(program, addresses):
    return sorted(address for address in set(addresses)
                  if any(load.start <= address < load.end for load in elf_of(program).loads))


def test_own_symbols(program):
    """Each byte in and around a symbol has the name that readelf gives it."""
    own = [symbol for symbol in symbols_of(program) if symbol.name in OWN]
    assert {symbol.name for symbol in own} == OWN
    starts = {symbol.value for symbol in own} | {load.start for load in elf_of(program).loads}
    assert_names(program, mapped(program, [start + i for start in starts for i in range(-1, 70)]))


def test_all_symbols(program):
    """Names are right at both ends of each symbol, in its middle, and just after its end."""
    symbols = symbols_of(program)
    symbols = random.Random(0).sample(symbols, min(SAMPLE, len(symbols)))
    addresses = {load.start for load in elf_of(program).loads}
    for symbol in symbols:
        addresses |= {symbol.value, (symbol.value + symbol.end) // 2, symbol.end - 1, symbol.end}
    named, nameless = assert_names(program, mapped(program, addresses))
    assert nameless > 0 and named >= len(symbols)


def test_sections(program):
    """A section reaches from its first byte to its last, and no further."""
    sections = elf_of(program).sections
    addresses = {load.start for load in elf_of(program).loads}
    for section in sections:
        addresses |= {section.start - 1, section.start, section.end - 1, section.end}
    addresses = mapped(program, addresses)
    for address, place in zip(addresses, places_of(program, addresses), strict=True):
        wanted = next((s.name for s in sections if s.start <= address < s.end), None)
        assert place["section"] == wanted, (hex(address), place)
    assert len(addresses) > 2 * len(sections)
