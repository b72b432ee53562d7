# SPDX-License-Identifier: MIT
"""The JSON Schema: sound in itself, describing everything, true of real output, and strict."""
import copy
import json
import os

import pytest

from conftest import ROOT, memmap_json, missing
from lint import vocabulary

try:
    import jsonschema
except ImportError:
    jsonschema = None

SCHEMA = json.loads((ROOT / "src" / "memmap.schema.json").read_text())


@pytest.fixture(name="validator", scope="module")
def fixture_validator():
    if jsonschema is None:
        missing("python3-jsonschema")
    validator = jsonschema.validators.validator_for(SCHEMA)
    assert validator.META_SCHEMA["$schema"] == SCHEMA["$schema"]
    validator.check_schema(SCHEMA)
    return validator(SCHEMA)


@pytest.fixture(name="document", scope="module")
def fixture_document():
    return memmap_json(os.getpid(), os.getppid())


def test_output_validates(validator, document):
    validator.validate(document)
    assert len(document["targets"]) == 2


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
        assert schema["additionalProperties"] is False
        assert set(schema["required"]) <= set(schema["properties"])
        for key, part in schema["properties"].items():
            assert "description" in part or "$ref" in part, key
    assert all("description" in part for part in SCHEMA["$defs"].values())


def mistakes():
    """(what is wrong, how to make it so) for a valid document."""
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
    yield "note without its code", lambda t: t["notes"].append({"text": "x"})
    yield "unknown source", lambda t: t.update(source="disk")


@pytest.mark.parametrize(("name", "spoil"), mistakes())
def test_mistakes_are_caught(validator, document, name, spoil):
    spoilt = copy.deepcopy(document)
    spoil(spoilt["targets"][0])
    assert not validator.is_valid(spoilt), name


def test_optional_parts(validator, document):
    whole = copy.deepcopy(document)
    target = whole["targets"][0]
    target["threads"] = [{"tid": 1, "comm": "x", "sp": None, "stack_start": "0x1000", "stack_end": "0x2000",
                          "used": None, "guard": 4096}]
    target["regions"][0].update(name_hex="ff00", usage={"rss": 4096, "pss": None, "apportioned": False})
    validator.validate(whole)
