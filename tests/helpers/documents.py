# SPDX-License-Identifier: MIT
"""What memmap prints, and what must hold for all of it."""
import functools
import json
import re
import subprocess
import sys

from conftest import LIMIT, MEMMAP, ROOT, TESTS, memmap, memmap_json, missing

FIXTURES = TESTS / "fixtures" / "proc"
KINDS = ("text", "rodata", "relro", "data", "bss", "heap", "stack", "guard", "anon", "jit", "shm", "file",
         "device", "vdso", "reserved")
MEMORY_MAX = 400 << 20  # with sanitizers, too
MEASURE = """
import os, sys
child = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(child, 0)
with open(sys.argv[1], "w") as file:
    file.write(str(usage.ru_maxrss))
sys.exit(os.waitstatus_to_exitcode(status) & 255)
"""


def check_memory(directory, *args):
    """memmap needs little memory. A small process starts it, since a large parent's memory would count as memmap's."""
    peak = directory / "peak"
    done = subprocess.run([sys.executable, "-S", "-c", MEASURE, peak, MEMMAP, *args], check=False,
                          capture_output=True, timeout=LIMIT)
    assert done.returncode < 128, done.stderr
    assert int(peak.read_text()) * 1024 < MEMORY_MAX
    return done.returncode


def target_of(*args, **kwargs):
    """The one target of the document that `memmap --json ARGS` prints."""
    document = memmap_json(*args, **kwargs)
    assert len(document["targets"]) == 1
    return document["targets"][0]


def ends(region):
    return int(region["start"], 16), int(region["end"], 16)


def assert_sound(target):
    """What holds for every list of regions, whole or narrowed, that is in address order."""
    last = 0
    for region in target["regions"]:
        begin, end = ends(region)
        assert last <= begin < end, region
        assert region["size"] == end - begin, region
        assert 0 <= region["padding"] <= region["size"], region
        assert region["kind"] in KINDS, region
        assert region["module"] is None or 0 <= region["module"] < len(target["modules"]), region
        last = end


def assert_totals(target):
    """The totals of a target are those of the regions that are shown."""
    totals = {}
    for region in target["regions"]:
        total = totals.setdefault(region["kind"], {"regions": 0, "size": 0, "padding": 0})
        total["regions"] += 1
        total["size"] += region["size"]
        total["padding"] += region["padding"]
    shown = {kind: {key: total[key] for key in ("regions", "size", "padding")}
             for kind, total in target["totals"].items() if total["regions"]}
    assert shown == totals


@functools.cache
def schema_validator():
    """A validator for the schema that is installed with the program."""
    try:
        import jsonschema
    except ImportError:
        missing("jsonschema (python3-jsonschema)")
    schema = json.loads((ROOT / "src" / "memmap.schema.json").read_text())
    validator = jsonschema.validators.validator_for(schema)
    validator.check_schema(schema)
    return validator(schema)


def assert_valid(document):
    """The document follows the schema."""
    schema_validator().validate(document)


def assert_covers(target, mappings):
    """Together the regions cover every mapping exactly: none is left out, none crosses a boundary."""
    assert_sound(target)
    regions = iter(target["regions"])
    for begin, end, perms, _ in mappings:
        at = begin
        while at < end:
            region = next(regions)
            assert ends(region)[0] == at, region
            assert region["perms"] == perms, region
            at = ends(region)[1]
        assert at == end
    assert next(regions, None) is None


def region_at(target, address):
    """The region that begins at an address, given as hexadecimal text."""
    region, = (region for region in target["regions"] if ends(region)[0] == int(address, 16))
    return region


def regions_of(target, path):
    """The regions of the file of this path, deleted or not."""
    return [region for region in target["regions"]
            if region["name"] in (str(path), f"{path} (deleted)")]


def raw_rows(output):
    """The fields of each line that --raw printed."""
    return [line.split(" ") for line in output.decode().split("\n")[:-1]]


def column(name, *args):
    """The cells of one column, as --raw prints them."""
    run = memmap("--raw", "--noheadings", "-o", name, *args)
    assert run.returncode == 0, run.stderr
    return run.stdout.decode().split("\n")[:-1]


def assert_error(run, subject, *words, status=1):
    """memmap printed nothing but one line on standard error, which names the subject and contains the words."""
    error = run.stderr.decode()
    assert run.returncode == status, error
    assert run.stdout == b""
    assert error.startswith(f"memmap: {subject}: "), error
    assert error.endswith("\n") and error.count("\n") == 1, error
    for word in words:
        assert re.search(word, error, re.IGNORECASE), error


def refusal(path, *args):
    """The one line in which memmap refuses a file, without the name that it begins with."""
    done = memmap(*args, path, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    start, end = f"memmap: {path}: ", "\n"
    assert done.stderr.startswith(start) and done.stderr.endswith(end) and done.stderr.count("\n") == 1
    return done.stderr[len(start):-len(end)]
