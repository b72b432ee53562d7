# SPDX-License-Identifier: MIT
"""Snapshots that are cut off, of a later format, or malicious are refused, with the place of the error."""
import json
import re

import pytest

from conftest import memmap, need
from helpers.documents import FIXTURES
from helpers.snapshots import edited, need_snapshots, save


@pytest.fixture(name="document", scope="module")
def fixture_document(tmp_path_factory):
    need_snapshots()
    path = tmp_path_factory.mktemp("saved") / "a.json"
    save(path, "-X", "-S", "--procfs", FIXTURES / "i386", "4242")
    return json.loads(path.read_text())


def refusal(text, *args):
    """The one line that says what is wrong; nothing else is shown."""
    run = memmap(*args, "-", input=text)
    assert run.returncode == 1, run.stderr
    assert run.stdout == b""
    error = run.stderr.decode()
    assert re.fullmatch(r"memmap: -: line \d+, column \d+: [ -~]*\n", error), error
    return error.removeprefix("memmap: -: ").rstrip("\n")


def first(document):
    return document["targets"][0]


def region(document, i=0):
    return first(document)["regions"][i]


# A change, and what the refusal says: the path to the key, and the reason.
CASES = {
    "later format": (lambda d: d.update(format=2), r"format: a later format"),
    "format is a text": (lambda d: d.update(format="1"), r"format: not an integer"),
    "no format": (lambda d: d.pop("format"), r"targets: not a snapshot of memmap"),
    "no targets": (lambda d: d.pop("targets"), r"not a snapshot of memmap: it has no 'targets'"),
    "targets is an object": (lambda d: d.update(targets={}), r"targets: not a list"),
    "a target is a number": (lambda d: d.update(targets=[1]), r"targets\[0\]: not an object"),
    "a target is empty": (lambda d: d.update(targets=[{}]), r"targets\[0\]: 'source' is missing"),
    "unknown source": (lambda d: first(d).update(source="moon"), r"targets\[0\]\.source: "),
    "regions is a number": (lambda d: first(d).update(regions=1), r"targets\[0\]\.regions: not a list"),
    "no process": (lambda d: first(d).pop("process"), r"targets\[0\]: 'process' is missing"),
    "page size 0": (lambda d: first(d).update(page_size=0), r"page_size: not the size of a page"),
    "page size 1": (lambda d: first(d).update(page_size=1), r"page_size: not the size of a page"),
    "page size 2 MB": (lambda d: first(d).update(page_size=2 << 20), r"page_size: not the size of a page"),
    "page size 3": (lambda d: first(d).update(page_size=3), r"page_size: not the size of a page"),
    "negative pid": (lambda d: first(d).update(pid=-1), r"\.pid: a negative number"),
    "large pid": (lambda d: first(d).update(pid=2**31), r"\.pid: a number that is too large"),
    "time": (lambda d: first(d).update(taken_at="yesterday"), r"\.taken_at: not a time"),
    "elf of a process": (lambda d: first(d).update(elf={"type": "shared object", "bits": 32, "byte_order": "big",
                                                        "machine": "i386", "interpreter": None}), r"elf: "),
    "no size": (lambda d: region(d).pop("size"), r"targets\[0\]\.regions\[0\]: 'size' is missing"),
    "wrong size": (lambda d: region(d).update(size=1), r"regions\[0\]: its size is not"),
    "huge size": (lambda d: region(d).update(size=2**64), r"integer"),
    "fraction": (lambda d: region(d).update(size=1.5), r"regions\[0\]\.size: not an integer"),
    "address is a number": (lambda d: region(d).update(start=4096), r"regions\[0\]\.start: not a string"),
    "address in capitals": (lambda d: region(d).update(start="0xABC"), r"regions\[0\]\.start: not an address"),
    "address of 17 digits": (lambda d: region(d).update(end="0x" + "1" * 17), r"regions\[0\]\.end: not an address"),
    "address is null": (lambda d: region(d).update(end=None), r"regions\[0\]\.end: null"),
    "backwards": (lambda d: region(d).update(end="0x1"), r"regions\[0\]: it ends before it starts"),
    "padding": (lambda d: region(d).update(padding=2**40), r"regions\[0\]: its padding"),
    "perms": (lambda d: region(d).update(perms="rwxq"), r"regions\[0\]\.perms: not access"),
    "kind": (lambda d: region(d).update(kind="code"), r"regions\[0\]\.kind: not a kind"),
    "kind is null": (lambda d: region(d).update(kind=None), r"regions\[0\]\.kind: not a kind"),
    "basis": (lambda d: region(d).update(basis="guess"), r"regions\[0\]\.basis: not a basis"),
    "device": (lambda d: region(d).update(dev="8:"), r"regions\[0\]\.dev: not a device"),
    "device without inode": (lambda d: region(d).update(inode=None), r"regions\[0\]: dev, inode and offset"),
    "file": (lambda d: region(d).update(file="gone"), r"regions\[0\]\.file: not a state"),
    "module that is not": (lambda d: region(d).update(module=999), r"unknown module"),
    "module out of range": (lambda d: region(d).update(module=2**31), r"module: out of range"),
    "section without module": (lambda d: region(d).update(module=None, section=".text"), r"a section, but no module"),
    "mapping that is not": (lambda d: region(d).update(mapping=10**6), r"unknown mapping"),
    "large mapping": (lambda d: region(d).update(mapping=2**40), r"regions\[0\]\.mapping: "),
    "overlap": (lambda d: first(d)["regions"].append(dict(region(d))), r"regions: one at 0x\w+ overlaps"),
    "usage": (lambda d: region(d).update(usage=[]), r"regions\[0\]\.usage: not an object"),
    "figure": (lambda d: region(d).update(usage={"pss": "4"}), r"regions\[0\]\.usage\.pss: not an integer"),
    "flags": (lambda d: region(d).update(flags=["a b"]), r"regions\[0\]\.flags: not a list of flags"),
    "process": (lambda d: first(d)["process"].pop("virtual"), r"process: 'virtual' is missing"),
    "mappings": (lambda d: first(d)["process"].update(mappings=2**40), r"process\.mappings: "),
    "limits": (lambda d: first(d)["process"]["limits"].pop("stack"), r"process\.limits: 'stack' is missing"),
    "limit": (lambda d: first(d)["process"]["limits"]["stack"].update(max="x"), r"limits\.stack\.max: not an integer"),
    "build-id": (lambda d: first(d)["modules"][0].update(build_id="0"), r"modules\[0\]\.build_id: not bytes"),
    "long build-id": (lambda d: first(d)["modules"][0].update(build_id="00" * 65), r"modules\[0\]\.build_id: "),
    "module size": (lambda d: first(d)["modules"][0].update(text=None), r"modules\[0\]: a size is null"),
    "note": (lambda d: first(d)["notes"].append({"code": "\x1b[2J", "text": "x"}), r"notes\[\d+\]: 'code'"),
    "long comm": (lambda d: first(d).update(comm="x" * 200), r"targets\[0\]\.comm: longer than any such name"),
    "long user": (lambda d: first(d).update(user="x" * 1000), r"targets\[0\]\.user: longer than any such name"),
    "long exe": (lambda d: first(d).update(exe="/" + "x" * 13000), r"targets\[0\]\.exe: longer than any such name"),
    "long name of a thread": (lambda d: first(d)["threads"].append({"tid": 1, "comm": "x" * 65}), r"\.comm: longer than"),
    "thread": (lambda d: first(d)["threads"].append({"tid": 0}), r"threads\[\d+\]\.tid: not the ID"),
    "total": (lambda d: first(d)["totals"].update(text=1), r"totals\.text: not an object"),
    "named": (lambda d: first(d)["named"].append(1), r"named\[0\]: not an object"),
}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_refused(document, case):
    edit, words = CASES[case]
    text = edited(document, edit)
    if case == "huge size":
        run = memmap("-", input=text)
        assert run.returncode == 1 and b"too big integer" in run.stderr
        return
    assert re.search(words, refusal(text, "-X"))


def test_place(document):
    """The refusal has the line and the column of the value."""
    text = edited(document, lambda d: region(d, 2).update(kind="code")).replace(b'"regions"', b'\n"regions"')
    error = refusal(text)
    line, column = re.match(r"line (\d+), column (\d+): targets\[0\]\.regions\[2\]\.kind: ", error).groups()
    assert text.split(b"\n")[int(line) - 1][int(column) - 1:].startswith(b'"code"')


def written(directory, texts):
    """Writes these texts to files: one run of memmap reads many of them in the time that it takes to start."""
    paths = []
    for number, text in enumerate(texts):
        paths.append(directory / f"{number}.json")
        paths[-1].write_bytes(text)
    return paths


def test_cut_off(document, tmp_path):
    """A snapshot is refused at whatever byte it is cut off."""
    text = json.dumps(document).encode()
    sizes = [*range(1, 200), *range(200, len(text), 997), len(text) - 1]
    paths = written(tmp_path, (text[:size] for size in sizes))
    # A complete target is shown before memmap sees that the end of the document is missing.
    run = memmap(*paths)
    refused = re.findall(r"^memmap: (.*): line 1, column ", run.stderr.decode(), re.M)
    assert run.returncode == 1 and refused == [str(path) for path in paths]


@pytest.mark.parametrize(("text", "words"), [
    (b'{"format": 1, "format": 1, "targets": []}', "format: a duplicate key"),
    (b'{"format": 1, "targets": [], "targets": []}', "targets: a duplicate key"),
    (b'{"format": 1, "targets": [{"pid": 1, "pid": 1}]}', r"pid: a duplicate key"),
    (b'{"format": 1, "x": {"a": 1, "a": 2}, "targets": []}', "x: duplicate object key"),
    (b'{"format": 1, "x": "\xff", "targets": []}', "x: unable to decode byte 0xff"),
    (b'{"format": 1, "x": "\xed\xa0\x80", "targets": []}', "x: "),
    (b'{"format": 1, "targets": []} {}', "something follows"),
    (b'{"format": 1, "targets": [,]}', r"targets\[0\]: "),
    (b'{"format": 1 "targets": []}', r"'}' expected"),
    (b'{1: 1}', "'\"' expected"),
    (b'{"format": 1, "x": ' + b"[" * 100000, "maximum parsing depth reached"),
    (b'{"format": 1, "x": ' + b"9" * 100000 + b"}", "too big integer"),
    (b'{"format": 1, "x": [' + b"99999999999999999999," * 100000 + b"1]}", r"x\[0\]: too big integer"),
    (b'{"format": 1, "x": [[' + b"9999999999999999999," * 2000 + b"1]]}", "it has no 'targets'"),
    (b'{"format": 1, "x": {"y": [' + b"{}," * 1000000 + b"1]}}", "x: more than any element of a snapshot has"),
    (b'{"format": 1, "x": [' + b"{}," * 1000000 + b'"a]}', r"x\[1000000\]: the document is cut off here"),
    (b'{"format": 1, "x": "\x1b[2J", "targets": []}', r"control character"),
], ids=[*map(str, range(17))])
def test_text(text, words):
    need_snapshots()
    assert re.search(words, refusal(text))


def test_empty(tmp_path):
    need_snapshots()
    run = memmap("-", input=b'{"format": 1, "version": "0.1.0", "targets": []}')
    assert (run.returncode, run.stderr) == (1, b"memmap: -: a snapshot without any target\n")


def test_file_without_module(tmp_path):
    need_snapshots()
    path = tmp_path / "a.json"
    save(path, need("true"))
    document = json.loads(path.read_text())

    def edit(document):
        first(document).update(modules=[], regions=[])
    assert re.search("an ELF file has one", refusal(edited(document, edit)))


def leaves(value, way=()):
    """The paths to all values in a document."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*way, key)
        yield from leaves(item, (*way, key))


def put(document, way, value):
    *outer, last = way
    for key in outer:
        document = document[key]
    document[last] = value


@pytest.mark.parametrize("value", [None, True, -1, 2**64 - 1, 1.5, "", "x", [], {}], ids=repr)
def test_any_value(tmp_path, value):
    """Any value in any place is shown or refused, and breaks nothing."""
    need_snapshots()
    path = tmp_path / "a.json"
    save(path, "-X", "-S", "--procfs", FIXTURES / "i386", "4242")
    document = json.loads(path.read_text())
    ways = list(leaves(document))
    changed = written(tmp_path, (edited(document, lambda copy: put(copy, way, value))
                                 for way in ways[::max(1, len(ways) // 150)]))
    run = memmap("-X", "-S", "-e", *changed, path)
    assert run.returncode in (0, 1, 3), run.stderr
    # memmap has come to the last file.
    assert run.stdout.endswith(memmap("-X", "-S", "-e", path).stdout)


def test_limits_that_use_exceeds(document):
    """A tiny limit and a huge use of it: no percentage can be shown, and none is divided by zero."""
    limits = {"used": 1 << 62, "max": 1, "unlimited": False}
    text = edited(document, lambda copy: first(copy)["process"]["limits"].update(locked=limits, virtual=limits))
    run = memmap("-s", "-b", "-", input=text)
    assert run.returncode in (0, 3), run.stderr
    rows = [line.split()[-3:] for line in run.stdout.decode().splitlines() if "locked memory" in line]
    assert rows == [[str(1 << 62), "1", "-"]]


def block_group(**changed):
    return {"class": "Session", "size": 96, "blocks": 2, "bytes": 192, "sample": "0x1000", **changed}


# Blocks, and what the refusal says.
BLOCKS = {
    "a number": (1, r"blocks: not a list"),
    "no object": ([1], r"blocks\[0\]: not an object"),
    "no sample": ([{"class": None, "size": 32, "blocks": 1, "bytes": 32}], r"blocks\[0\]: 'sample' is missing"),
    "class is a number": ([block_group(**{"class": 1})], r"blocks\[0\]\.class: not the name"),
    "class is empty": ([block_group(**{"class": ""})], r"blocks\[0\]\.class: not the name"),
    "none": ([block_group(blocks=0, bytes=0)], r"blocks\[0\]: not a possible"),
    "unknown number": ([block_group(blocks=None)], r"blocks\[0\]: not a possible"),
    "unknown bytes": ([block_group(bytes=None)], r"blocks\[0\]: not a possible"),
    "size 0": ([block_group(size=0)], r"blocks\[0\]: not a possible"),
    "sizes that do not fit": ([block_group(bytes=193)], r"blocks\[0\]: not a possible"),
    "product that wraps": ([block_group(size=2**32, blocks=2**32, bytes=0)], r"blocks\[0\]: not a possible"),
    "class of several sizes": ([block_group(size=None)], r"blocks\[0\]: not a possible"),
    "more than memory": ([block_group(size=2**60, blocks=1, bytes=2**60)], r"blocks\[0\]: not a possible"),
    "unknown sample": ([block_group(sample=None)], r"blocks\[0\]: not a possible"),
    "twice": ([block_group(), block_group(sample="0x2000")], r"blocks of one class and size twice"),
    "others twice": ([block_group(**{"class": None, "size": None})] * 2, r"blocks of one class and size twice"),
    "too many": ([block_group(size=size, blocks=1, bytes=size) for size in range(16, 16 + 65538)], r"more groups"),
}


@pytest.mark.parametrize("case", BLOCKS, ids=str)
def test_refused_blocks(document, case):
    blocks, words = BLOCKS[case]
    assert re.search(words, refusal(edited(document, lambda d: first(d).update(blocks=blocks)), "--blocks"))


def test_hostile_class(document, tmp_path):
    """The name of a class breaks neither the terminal nor the document, nor does it in a difference."""
    name = '\x1b[2J\u202e"\\\n' + "x" * 10000
    text = edited(document, lambda d: first(d).update(blocks=[block_group(**{"class": name})]))
    (tmp_path / "a.json").write_bytes(edited(document, lambda d: first(d).update(blocks=[])))
    assert json.loads(memmap("-J", "--blocks", "-", input=text).stdout)["targets"][0]["blocks"][0]["class"] == name
    row, = json.loads(memmap("-dJ", "--blocks", tmp_path / "a.json", "-", input=text).stdout)["targets"][0]["block_changes"]
    assert row["class"] == name and row["change"] == "added"
    for args in (["--blocks", "-"], ["-d", "--blocks", tmp_path / "a.json", "-"]):
        shown = memmap(*args, input=text)
        # The recorded tree has no figures.
        assert shown.returncode == 3 and b"\x1b" not in shown.stdout and shown.stdout.count(b"\n") <= 6


def arena(number=1, **changed):
    return {"arena": hex(16 * number), "tids": None, "heaps": 1, "system": 100, "used": 90, "blocks": 2, "cached": 0, "free": 0,
            "top": 10, "resident": None, "returnable": None, "pinned": None, "spare": None, "walked": 100, **changed}


# Figures of an arena, and what the refusal says.
ARENAS = {
    "unknown blocks": ({"blocks": None}, r"arenas\[0\]: null"),
    "more than the total": ({"top": 11}, r"arenas\[0\]: its parts exceed its total"),
    "part of what is resident": ({"resident": 50}, r"arenas\[0\]: resident, returnable and pinned must"),
    "spare of nothing": ({"spare": 50}, r"arenas\[0\]: resident, returnable and pinned must"),
    "more than memory": ({"resident": 50, "returnable": 2**63, "pinned": 2**63}, r"arenas\[0\]: resident, returnable"),
}


@pytest.mark.parametrize("case", ARENAS, ids=str)
def test_refused_arenas(document, case):
    changed, words = ARENAS[case]
    assert re.search(words, refusal(edited(document, lambda d: first(d).update(arenas=[arena(**changed)])), "--heap"))


def test_sums_of_arenas_do_not_wrap(document):
    text = edited(document, lambda d: first(d).update(arenas=[arena(i, blocks=2**63, heaps=2**63) for i in (1, 2)]))
    run = memmap("--heap", "--raw", "--bytes", "-o", "ARENA,HEAPS,BLOCKS", "-", input=text)
    assert f"TOTAL {2**64 - 2} {2**64 - 2}".encode() in run.stdout


def test_difference_of_many_arenas(document, tmp_path):
    """Each arena is found by bisection."""
    for number, name in ((0, "a"), (1, "b")):
        arenas = [arena(2 * i + number) for i in range(1, 65000)]
        (tmp_path / name).write_bytes(edited(document, lambda d, arenas=arenas: first(d).update(arenas=arenas)))
    run = memmap("-d", "--heap", tmp_path / "a", tmp_path / "b", timeout=60)
    assert run.stdout.count(b"added") == run.stdout.count(b"removed") == 64999
