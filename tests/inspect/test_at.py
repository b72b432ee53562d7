# SPDX-License-Identifier: MIT
"""--at shows what is at an address: compared with the program itself, nm and the kernel."""
import json
import os
import re
import subprocess

import pytest

from conftest import IS_64_BIT, Process, memmap, memmap_json, need, need_64_bit
from helpers.documents import ends, raw_rows, target_of
from helpers.programs import build, python
from helpers.readelf import elf_of, names_at

@pytest.fixture(name="process", scope="module")
def fixture_process():
    with python("import ssl, decimal") as process:
        yield process


def at(process, *queries, status=0):
    options = [word for query in queries for word in ("--at", query)]
    return memmap_json(*options, process.pid, status=status)["targets"][0]


def module_named(target, name):
    module, = (module for module in target["modules"] if module["path"].rsplit("/", 1)[-1] == name)
    return module


def symbols_of(path):
    """{name: (value, size)} of the dynamic symbols of a file that have a size, from nm."""
    text = subprocess.run([need("nm"), "-DS", "--defined-only", path], check=True, capture_output=True, text=True)
    found = {}
    for line in text.stdout.splitlines():
        if match := re.fullmatch(r"([0-9a-f]+) ([0-9a-f]+) [TWiBDVR] ([^@]+)(@@.*)?", line):
            found[match[3]] = (int(match[1], 16), int(match[2], 16))
    return found


@pytest.mark.parametrize("name", ["malloc", "printf", "getenv", "environ", "stdout"])
def test_symbol_by_name(process, name):
    target = at(process, f"libc.so.6:{name}", f"libc.so.6:{name}+1")
    libc = module_named(target, "libc.so.6")
    value, size = symbols_of(libc["path"])[name]
    first, second = target["at"]
    assert int(first["address"], 16) == int(libc["bias"], 16) + value
    assert int(first["elf_address"], 16) == value
    assert first["symbol"]["name"] in names_at(libc["path"], value)
    assert first["symbol"]["offset"] == 0
    if size > 1:
        assert (second["symbol"]["offset"], second["symbol"]["size"]) == (1, first["symbol"]["size"])
    assert first["region"]["module"] == target["modules"].index(libc)
    section, = (section for section in elf_of(libc["path"]).sections if section.start <= value < section.end)
    assert first["section"] == section.name


def test_address_of_the_file(process):
    target = at(process, "libc.so.6:0x1000", "libc.so.6:4096", "libc.so.6:0x1000+16", "libc.so.6:0x1000+0x20")
    bias = int(module_named(target, "libc.so.6")["bias"], 16)
    assert [int(place["address"], 16) - bias for place in target["at"]] == [0x1000, 0x1000, 0x1010, 0x1020]


@pytest.mark.parametrize(("query", "meant"), [
    ("0x400000", 0x400000), ("00400000", 0x400000), ("99", 99), ("4000a0", 0x4000a0), ("0X40", 0x40), ("0x40+16", 0x50),
    ("0xfffffffffffffffe", (1 << 64) - 2)])
def test_numbers(process, query, meant):
    place, = at(process, query)["at"]
    assert int(place["address"], 16) == meant


def test_every_region_is_found_by_its_ends(process):
    target = target_of(process.pid)
    queries = []
    for region in target["regions"]:
        start, end = ends(region)
        queries += [hex(start), hex(end - 1)]
    places = at(process, *queries)["at"]
    for region, first, last in zip(target["regions"], places[::2], places[1::2]):
        for place in (first, last):
            assert ends(place["region"]) == ends(region)
            assert place["region"]["kind"] == region["kind"]
            assert place["below"] is None and place["above"] is None
        if region["kind"] == "bss":
            assert first["file_offset"] is None  # the file has something else there
        elif region["offset"] is not None:
            assert first["file_offset"] == region["offset"]
            assert last["file_offset"] == region["offset"] + region["size"] - 1


def test_addresses_as_tables_have_them(process):
    """Addresses work without 0x, as in tables. If one could also be decimal, the mapped one is meant, with a remark."""
    rows = raw_rows(memmap("-r", "-n", "-o", "START", process.pid).stdout)
    for (start,), place in zip(rows, at(process, *(start for start, in rows))["at"], strict=True):
        assert place["address"] == f"0x{start}"
    need_64_bit("Debian's python3 is mapped at 0x400000")
    assert memmap("--at", "400000", process.pid, text=True).stderr == \
        f"memmap: {process.pid}: 400000 is taken as hexadecimal: write 0x400000 to be sure\n"


@pytest.mark.parametrize(("mapped", "address", "remark"), [
    (["10604000"], "0x10604000", "10604000 is taken as hexadecimal: write 0x10604000 to be sure"),
    (["00a1c000", "10604000"], "0x10604000",
     "10604000 is taken as hexadecimal: write 0x10604000 to be sure, or 0xa1cde0 for the decimal number"),
    (["00a1c000"], "0xa1cde0", None), ([], "0xa1cde0", None)])
def test_digits_that_are_an_address_either_way(tmp_path, mapped, address, remark):
    """10604000 is 0x10604000 or, in decimal, 0xa1cde0: if both are mapped, the one that a table shows like this."""
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "maps").write_text("".join(
        f"{start}-{int(start, 16) + 0x1000:08x} rw-p 00000000 00:00 0 \n" for start in ["00001000", *mapped]))
    run = memmap("-J", "--procfs", tmp_path, "--at", "10604000", "7", text=True)
    assert run.returncode == 0
    assert run.stderr == (f"memmap: 7: {remark}\n" if remark else "")
    place, = json.loads(run.stdout)["targets"][0]["at"]
    assert place["address"] == address
    assert (place["region"] is None) == (not mapped)


def test_unknown_module(process):
    run = memmap("--at", "libnone.so:malloc", process.pid, text=True)
    assert (run.returncode, run.stderr) == (
        3, f"memmap: {process.pid}: no module is called 'libnone.so': --modules lists them\n")


def test_gaps_have_neighbours(process):
    regions = target_of(process.pid)["regions"]
    gaps = [(low, high) for low, high in zip(regions, regions[1:]) if ends(low)[1] < ends(high)[0]]
    assert gaps
    for low, high in gaps:
        address = ends(low)[1] + 17
        place, = at(process, hex(address))["at"]
        assert place["region"] is None and place["symbol"] is None and place["page"] is None
        assert place["below"]["distance"] == 17 and ends(place["below"]["region"]) == ends(low)
        assert place["above"]["distance"] == ends(high)[0] - address and ends(place["above"]["region"]) == ends(high)
    end = ends(gaps[0][0])[1]
    text = memmap("--at", hex(end + 17), "--at", hex(end), process.pid, text=True).stdout
    assert f"17 bytes above the end of {ends(gaps[0][0])[0]:x}-{end:x} " in text
    assert f"right above the end of {ends(gaps[0][0])[0]:x}-{end:x} " in text
    assert text.count("nothing is mapped there") == 2


def test_below_and_above_everything(process):
    first, last = at(process, "0", "0xfffffffffffffff0")["at"]
    assert first["below"] is None and first["above"]["distance"] > 0
    assert last["above"] is None and last["below"]["distance"] > 0


def test_pages():
    with python("pages = mmap.mmap(-1, 1 << 20, ANON)\npages[0] = 1\nresult = address(pages)") as process:
        base = int(process.line)
        touched, untouched = at(process, hex(base), hex(base + 4 * 4096))["at"]
        assert touched["page"]["state"] == "resident" and touched["page"]["dirty"] is True
        assert untouched["page"]["state"] == "untouched" and untouched["page"]["dirty"] is None
        assert int(touched["page"]["start"], 16) == base and touched["page"]["size"] == 4096


def test_two_copies_of_a_module():
    """Two copies of a module have different biases; the name means the first one."""
    library = build("library.c", "cc", "-shared", "-fPIC")
    with Process([build("load_twice.c"), library]) as process:
        addresses = sorted(int(line, 16) for line in process.lines)
        assert len(set(addresses)) == 2
        target = at(process, *(f"{address + 1:#x}" for address in addresses), f"{library.name}:library_text")
        *places, by_name = target["at"]
        modules = [target["modules"][place["region"]["module"]] for place in places]
        assert {module["path"] for module in modules} == {str(library)}
        assert modules[0]["bias"] != modules[1]["bias"]
        value, _ = symbols_of(library)["library_text"]
        for address, place, module in zip(addresses, places, modules, strict=True):
            assert int(module["bias"], 16) + value == address
            assert (place["symbol"]["name"], place["symbol"]["offset"]) == ("library_text", 1)
        assert int(by_name["address"], 16) == addresses[0]


def test_unknown_symbol(process):
    run = memmap("--at", "no_such_symbol", "--at", "malloc", process.pid, text=True)
    assert run.returncode == 3
    assert run.stderr == f"memmap: {process.pid}: no module has a symbol 'no_such_symbol' with an address\n"
    missing, found = at(process, "no_such_symbol", "malloc", status=3)["at"]
    assert missing["address"] is None and found["address"] is not None


@pytest.mark.parametrize(
    "query", ["", "0x", "12g", "0x10000000000000000", "0xffffffffffffffff", "libc.so.6:"])
def test_refused(query):
    run = memmap("--at", query, "1", text=True)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith(f"memmap: unknown address '{query}'\n")


def test_rows(process):
    run = memmap("--at", "libc.so.6:malloc", "--at", "0x10", "-r", "-n", "-o", "ADDRESS,KIND,SYMBOL,PAGE", process.pid)
    first, second = raw_rows(run.stdout)
    assert first[1:3] == ["text", "malloc"] or first[1:3] == ["text", "__libc_malloc"]
    assert second == ["10", "-", "-", r"nothing\x20is\x20mapped\x20there"]


def test_sentences(process):
    text = memmap("-e", "--at", "libc.so.6:malloc", process.pid, text=True).stdout
    assert re.search(r"^EXPLANATION +Machine code of libc\.so\.6", text, re.MULTILINE)


def test_the_kernels_own_symbols(process):
    # The 32-bit vDSO has only the second name.
    place, = at(process, "[vdso]:clock_gettime+1" if IS_64_BIT else "[vdso]:__vdso_clock_gettime+1")["at"]
    assert place["region"]["kind"] == "vdso" and place["section"] == ".text"
    assert place["symbol"]["name"] in ("clock_gettime", "__vdso_clock_gettime")
    assert place["symbol"]["offset"] == 1


def test_symbols_go_with_views_that_show_them():
    run = memmap("-C", "1", text=True)
    assert run.returncode == 2 and "--at" in run.stderr


def test_servers_that_nobody_named(process):
    environment = {key: value for key, value in os.environ.items() if key != "DEBUGINFOD_URLS"}
    run = memmap("--debuginfod", "--at", "[vdso]:0x10", process.pid, env=environment)
    assert run.returncode == 0, run.stderr  # no server was needed


def test_letters_where_nothing_is_mapped(process):
    """A word like "dead000" is an address, as crash reports and tables write it; without any digit it is a symbol."""
    place, = at(process, "dead000")["at"]
    assert (place["address"], place["region"]) == ("0xdead000", None)
    target = at(process, "deadbeef", status=3)
    assert [note["code"] for note in target["notes"]] == ["symbol-unknown"]
