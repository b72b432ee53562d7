# SPDX-License-Identifier: MIT
"""The JSON Schema is valid, describes everything, matches real output, and is strict."""
import copy
import json
import os

import pytest

from conftest import ROOT, memmap, memmap_json, missing
from helpers import vocabulary
from helpers.make_core import write_small
from helpers.programs import build, start
from helpers.users import need_memory

try:
    import jsonschema
except ImportError:
    jsonschema = None

SCHEMA = json.loads((ROOT / "src" / "memmap.schema.json").read_text())


@pytest.fixture(name="validator", scope="module")
def fixture_validator():
    if jsonschema is None:
        missing("jsonschema (python3-jsonschema)")
    validator = jsonschema.validators.validator_for(SCHEMA)
    assert validator.META_SCHEMA["$schema"] == SCHEMA["$schema"]
    validator.check_schema(SCHEMA)
    return validator(SCHEMA)


@pytest.fixture(name="document", scope="module")
def fixture_document():
    """A document with everything that can be asked for. Frames are made up, since they are a separate view, and so is
    a name that a process has given to memory, since not all kernels keep these."""
    whole = memmap_json("-X", "-e", "--pages", "-A", "0,", os.getpid(), os.getppid())
    whole["targets"][0].update(
        frames=[{"thread": 1, "number": 0, "start": "0x1000", "end": "0x1010", "size": 16, "pc": "0x400000",
                 "inlined": False, "function": "main", "demangled": None, "offset": 4, "module": "/bin/x", "source": "x.c", "line": 1}],
        functions=[{"function": "main", "demangled": None, "module": "/bin/x", "frames": 1, "size": 16}],
        named=[{"name": "[anon:x]", "regions": 1, "size": 4096, "usage": {"rss": 4096}}])
    return whole


def test_output_validates(validator, document):
    validator.validate(document)
    assert len(document["targets"]) == 2


# Views with JSON members that no other view has.
VIEWS = [["--heap"], ["--blocks"], ["--leaks"], ["--check=lazy-binding"], ["-d", "-x", str(os.getppid())],
         ["-d", "--blocks", str(os.getppid())],
         ["-d", "--heap", str(os.getppid())],
         ["--at", "0x10", "--at", "libc.so.6:malloc+1", *(["-C"] if vocabulary.has_demangle() else [])]]


@pytest.mark.parametrize("options", [
    *VIEWS, ["-S"], ["-m"], [], ["-s"], ["-x"], ["-o", "+RSS"], ["-s", "-x"], ["-k", "heap"], ["-t"], ["-e"]])
def test_any_output_validates(validator, options):
    validator.validate(memmap_json(*options, os.getpid()))


def parts_of(schema):
    """Each object in the text of the schema."""
    if isinstance(schema, dict):
        yield schema
        for part in schema.values():
            yield from parts_of(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from parts_of(part)


def resolve(reference):
    """What a $ref points to."""
    assert reference.startswith("#/"), reference
    part = SCHEMA
    for key in reference[2:].split("/"):
        assert key in part, reference
        part = part[key]
    return part


def test_each_reference_resolves():
    """Each $ref resolves. A validator notices a broken one only in a document that has what it describes."""
    references = [part["$ref"] for part in parts_of(SCHEMA) if isinstance(part.get("$ref"), str)]
    assert references
    for reference in references:
        resolve(reference)


def described_names(schema, where=""):
    """(the object, one of its keys) for each key that the schema describes."""
    for key, part in schema.get("properties", {}).items():
        yield where, key
        yield from described_names(part, f"{where}.{key}")
    for name, part in schema.get("$defs", {}).items():
        yield from described_names(part, name)


def names_of(schema, value, where=""):
    """The described names that a value has."""
    if "$ref" in schema:
        yield from names_of(resolve(schema["$ref"]), value, schema["$ref"].split("/")[-1])
    for part in schema.get("anyOf", []):
        yield from names_of(part, value, where)
    if isinstance(value, list):
        for element in value:
            yield from names_of(schema.get("items", {}), element, where)
    elif isinstance(value, dict):
        for key, element in value.items():
            if key in schema.get("properties", {}):
                yield where, key
                yield from names_of(schema["properties"][key], element, f"{where}.{key}")
            elif isinstance(schema.get("additionalProperties"), dict):
                yield from names_of(schema["additionalProperties"], element, where)


@pytest.fixture(name="core_document", scope="module")
def fixture_core_document(tmp_path_factory):
    return memmap_json(write_small(tmp_path_factory.mktemp("core") / "core", "x86-64"), status=3)


def test_core_file_validates(validator, core_document):
    validator.validate(core_document)


@pytest.fixture(name="lists", scope="module")
def fixture_lists():
    """Documents with lists that are not empty: the process of a test may have none of these things."""
    need_memory()
    with start("leaks.c", "lost") as process:
        leaks = memmap_json("--leaks", process.pid, status=4)
        sample = leaks["targets"][0]["leaks"][0]["sample"]
        block = memmap_json("--contents", "--at", sample, process.pid)
    with start("share.c", "memfd", "2", "1") as process:
        shared = json.loads(memmap("--json", "--shared", process.lines[0].split()[1]).stdout)
    with start("forks.c", "15") as process:
        fork = json.loads(memmap("--json", "--shared", process.pid).stdout)
    return [leaks, block, shared, fork, memmap_json(build("leaks.c"))]


def test_lists_validate(validator, lists):
    for each in lists:
        validator.validate(each)


def test_nothing_is_described_that_is_not_there(document, core_document, lists):
    documents = [document, core_document, json.loads(memmap("-aJ").stdout), json.loads(memmap("-aJ", "--group", "user").stdout),
                 *lists, *(memmap_json(*options, os.getpid()) for options in VIEWS)]
    seen = {name for each in documents for name in names_of(SCHEMA, each)}
    assert not sorted(set(described_names(SCHEMA)) - seen)


def test_kinds():
    assert SCHEMA["$defs"]["kind"]["enum"] == vocabulary.kinds()


def objects(schema):
    """Each object that the schema describes key by key."""
    if "properties" in schema:
        yield schema
    for part in [*schema.get("$defs", {}).values(), *schema.get("properties", {}).values()]:
        yield from objects(part)


def test_everything_is_described():
    for schema in objects(SCHEMA):
        # Other keys are allowed only where the kernel may add names, and even these are described.
        assert schema["additionalProperties"] in (False, {"$ref": "#/$defs/figure"})
        assert set(schema["required"]) <= set(schema["properties"])
        for key, part in schema["properties"].items():
            assert "description" in part or "$ref" in part, key
    assert all("description" in part for part in SCHEMA["$defs"].values())


def mistakes():
    """(a mistake, how to make it in a target of a valid document)"""
    yield "region with another key", lambda t: t["regions"][0].update(colour=1)
    yield "unknown kind", lambda t: t["regions"][0].update(kind="code")
    yield "unknown basis", lambda t: t["regions"][0].update(basis="guess")
    yield "unknown state", lambda t: t["regions"][0].update(file="gone")
    yield "address as a number", lambda t: t["regions"][0].update(start=4096)
    yield "address with a leading zero", lambda t: t["regions"][0].update(start="0x0400")
    yield "negative size", lambda t: t["regions"][0].update(size=-1)
    yield "no tid", lambda t: t["regions"][0].pop("tid")
    yield "perms of maps' length only", lambda t: t["regions"][0].update(perms="abcd")
    yield "hex of a key that has none", lambda t: t["regions"][0].update(kind_hex="00")
    yield "hex of odd length", lambda t: t["regions"][0].update(name_hex="0")
    yield "module without its BSS", lambda t: t["modules"][0].pop("bss")
    yield "unknown kind in totals", lambda t: t["totals"].update(code={"regions": 1, "size": 1, "padding": 0})
    yield "total with a figure beside it", lambda t: t["totals"]["text"].update(rss=1)
    yield "note without its code", lambda t: t["notes"].append({"text": "x"})
    yield "usage without its mark", lambda t: t["regions"][0]["usage"].pop("apportioned")
    yield "negative figure", lambda t: t["regions"][0]["usage"].update(rss=-1)
    yield "figure as text", lambda t: t["regions"][0]["usage"].update(future="1 kB")
    yield "flags as one text", lambda t: t["regions"][0].update(flags="read,write")
    yield "unknown state of pages", lambda t: t["pages"][0].update(state="lost")
    yield "thread without its state", lambda t: t["threads"][0].pop("state")
    yield "stack used by something else", lambda t: t["threads"][0].update(used_by="guess")
    yield "frame without its thread", lambda t: t["frames"][0].pop("thread")
    yield "frame at line 0", lambda t: t["frames"][0].update(line=0)
    yield "function without frames", lambda t: t["functions"][0].update(frames=0)
    yield "name without its size", lambda t: t["named"].append({"name": "[anon:x]", "regions": 1})
    yield "explanation as a list", lambda t: t["regions"][0].update(explanation=[])
    yield "limit without its use", lambda t: t["process"]["limits"]["stack"].pop("used")
    yield "unknown limit", lambda t: t["process"]["limits"].update(files=1)
    yield "change of no kind", lambda t: t.update(changes=[{"change": "changed"}])
    yield "unknown source", lambda t: t.update(source="disk")


@pytest.mark.parametrize(("name", "spoil"), mistakes())
def test_mistakes_are_caught(validator, document, name, spoil):
    spoilt = copy.deepcopy(document)
    spoil(spoilt["targets"][0])
    assert not validator.is_valid(spoilt), name


def test_optional_parts(validator, document):
    whole = copy.deepcopy(document)
    target = whole["targets"][0]
    target["threads"] = [{"tid": 1, "comm": "x", "state": None, "sp": None, "stack_start": "0x1000",
                          "stack_end": "0x2000", "used": None, "used_by": None, "guard": 4096}]
    target["named"] = [{"name": "[anon:\ufffd]", "name_hex": "5b616e6f6e3aff5d", "regions": 1, "size": 4096,
                        "usage": {"rss": None}}]
    usage = {"rss": 4096, "pss": None, "future": 1, "apportioned": False}
    target["regions"][0].update(name_hex="ff00", usage=usage)
    target["regions"][1].update(usage=None, flags=None)
    target["pages"] = target["frames"] = target["functions"] = None
    validator.validate(whole)
