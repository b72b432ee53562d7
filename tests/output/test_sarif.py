# SPDX-License-Identifier: MIT
"""Findings as SARIF 2.1.0: what the standard and code-scanning pages ask for.

No Debian package has the schema of the standard (sarif-schema-2.1.0.json, of OASIS). The schema below is the part of it
that is used here; it requires what is optional in the standard but always present here.
"""
import json
import os
import shutil
from urllib.parse import unquote

import pytest

from conftest import Process, memmap, missing
from helpers import vocabulary
from helpers.programs import build, public_dir, start

try:
    import jsonschema
except ImportError:
    jsonschema = None

HARD = ("-fPIE", "-pie", "-Wl,-z,relro,-z,now")


def an_object(required, **optional):
    return {"type": "object", "required": list(required), "additionalProperties": False,
            "properties": {**required, **optional}}


TEXT = {"type": "string", "minLength": 1}
MESSAGE = an_object({"text": TEXT})
LEVEL = {"enum": ["none", "note", "warning", "error"]}
BAG = {"type": "object"}
URI = {"type": "string", "pattern": r"^[A-Za-z0-9._~-]([A-Za-z0-9._~/-]|%[0-9A-F]{2})*$"}
LOCATION = an_object({"physicalLocation": an_object({
    "artifactLocation": an_object({"uri": URI}), "region": an_object({"startLine": {"const": 1}})})})
RULE = an_object({"id": TEXT, "shortDescription": MESSAGE, "fullDescription": MESSAGE, "help": MESSAGE,
                  "defaultConfiguration": an_object({"level": LEVEL}), "properties": BAG})
RESULT = an_object({"ruleId": TEXT, "level": LEVEL, "message": MESSAGE, "partialFingerprints": {
    "type": "object", "minProperties": 1, "additionalProperties": TEXT}, "properties": BAG},
    locations={"type": "array", "items": LOCATION, "minItems": 1})
SARIF = an_object({
    "$schema": TEXT, "version": {"const": "2.1.0"},
    "runs": {"type": "array", "minItems": 1, "maxItems": 1, "items": an_object({
        "tool": an_object({"driver": an_object({"name": TEXT, "version": TEXT, "rules": {
            "type": "array", "items": RULE, "uniqueItems": True}})}),
        "results": {"type": "array", "items": RESULT},
        "invocations": {"type": "array", "items": an_object({"executionSuccessful": {"type": "boolean"}})}})}})


def sarif(*args):
    """The run, valid by the schema."""
    if jsonschema is None:
        missing("jsonschema (python3-jsonschema)")
    run = memmap("--check", "--sarif", *args)
    assert run.returncode in (0, 3, 4)
    document = json.loads(run.stdout)
    jsonschema.validate(document, SARIF)
    return document["runs"][0]


@pytest.fixture(name="program")
def fixture_program():
    """A program whose path has characters that are special to terminals and in URIs."""
    directory = os.fsencode(public_dir()) + b"/\x1b[31m {0} \xff#%"
    os.mkdir(directory)
    path = directory + b"/program"
    shutil.copy(build("faults.c", "gcc", *HARD), path)
    yield path
    shutil.rmtree(directory)


def test_rules_are_the_checks():
    rules = sarif(os.getpid())["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == vocabulary.checks()


def test_several_targets_are_one_run():
    with start("faults.c", "stack", variant=("gcc", *HARD)) as one, \
         start("faults.c", "text", variant=("gcc", *HARD)) as other:
        results = sarif("--severity=error", one.pid, other.pid)["results"]
    assert [(result["ruleId"], result["properties"]["pid"]) for result in results] == [
        ("executable-stack", one.pid), ("text-written", other.pid)]


def test_path_is_relative_and_encoded(program):
    with Process([program, "text"]) as process:
        result, = sarif("--severity=error", process.pid)["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert unquote(uri, errors="surrogateescape").encode(errors="surrogateescape") == program[1:]
    assert result["properties"]["name_hex"] == program.hex()
    assert "\x1b" not in json.dumps(result, ensure_ascii=False)


def test_braces_are_no_arguments(program):
    with Process([program, "jit"]) as process:
        result, = sarif("--check=jit-memory", process.pid)["results"]
    assert " {{0}} " in result["message"]["text"]


def test_no_path_no_location():
    with start("faults.c", "writable-code", variant=("gcc", *HARD)) as process:
        result, = sarif("--severity=error", process.pid)["results"]
    assert "locations" not in result and result["properties"]["region"]["perms"] == "rwxp"


@pytest.mark.parametrize(("name", "uri"), [
    ("/a//b/./c", "a/b/c"), ("/..a/b..", "..a/b.."), ("/a/%2e%2e/b", "a/%252e%252e/b"),
    ("/../../etc/passwd", None), ("/a/..", None), ("/", None)])
def test_path_stays_below_the_root(tmp_path, name, uri):
    """Whatever a record of a process calls its files, no URI leads above the root."""
    maps = tmp_path / "maps"
    maps.write_text(f"00400000-00401000 rwxp 00000000 08:01 123 {name}\n")
    result, = sarif(maps)["results"]
    there = [location["physicalLocation"]["artifactLocation"]["uri"] for location in result.get("locations", [])]
    assert result["properties"]["name"] == name and there == ([uri] if uri else [])


def test_deleted_file_keeps_its_path(program):
    with Process([program]) as process:
        os.unlink(program)
        result, = sarif("--severity=warning", process.pid)["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].endswith("/program")


def test_fingerprints_stay():
    """Fingerprints do not change with the process or its addresses; two findings have different ones."""
    runs = []
    for _ in range(2):
        with start("faults.c", "stack", variant=("gcc", *HARD)) as process:
            runs.append({result["ruleId"] + str(result.get("locations")): result["partialFingerprints"]
                         for result in sarif(process.pid)["results"]})
    assert runs[0] == runs[1]
    values = [fingerprint["memmapFinding/v1"] for fingerprint in runs[0].values()]
    assert len(set(values)) == len(values)


def test_what_does_not_go_together():
    for options in (["--sarif"], ["--check", "--sarif", "-J"], ["--check", "--sarif", "-o", "CODE"],
                    ["--severity=note"], ["-t", "--severity=note"]):
        assert memmap(*options, os.getpid()).returncode == 2
