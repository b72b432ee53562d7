# SPDX-License-Identifier: MIT
"""What the command-line tests share: building their programs, other users, reading memmap's output."""
import atexit
import functools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from conftest import LIMIT, MEMMAP, ROOT, TESTS, Process, memmap, memmap_json, missing, need, refused, wait_until

PROGRAMS = TESTS / "programs"
FIXTURES = TESTS / "fixtures" / "proc"
NOBODY = 65534
CAP_SYS_PTRACE, CAP_SYS_ADMIN = 19, 21

# A sanitized build that is traced cannot look for leaks.
UNDER_STRACE = {**os.environ, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"}

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
    """memmap takes little: as a child of a small process, since a large one's memory counts for its own."""
    peak = directory / "peak"
    done = subprocess.run([sys.executable, "-S", "-c", MEASURE, peak, MEMMAP, *args], check=False,
                          capture_output=True, timeout=LIMIT)
    assert done.returncode < 128, done.stderr
    assert int(peak.read_text()) * 1024 < MEMORY_MAX
    return done.returncode


@functools.cache
def public_dir():
    """A directory that every user may enter, gone when the tests end."""
    path = Path(tempfile.mkdtemp(prefix="memmap-test-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    path.chmod(0o755)
    return path


@functools.cache
def build(source, *flags):
    """The path of the program (or library) made from programs/SOURCE; each is compiled once a run."""
    cc = need("cc")
    out = public_dir() / "-".join([source.removesuffix(".c"), *(re.sub(r"\W", "", flag) for flag in flags)])
    subprocess.run([cc, "-O0", "-pthread", "-o", out, PROGRAMS / source, *flags], check=True)
    return out


def start(source, *args, **kwargs):
    """A running program of programs/, to be used in a with statement."""
    return Process([build(source), *args], **kwargs)


def unique(name):
    """A name that no other process has, though these tests may run twice at once."""
    return f"{name}-{os.getpid()}"


def need_root():
    """Root that may read any process and mount: containers mostly withhold the one or the other."""
    effective = int(re.search(r"CapEff:\t(\w+)", Path("/proc/self/status").read_text())[1], 16)
    needed = 1 << CAP_SYS_PTRACE | 1 << CAP_SYS_ADMIN
    if os.geteuid() != 0 or effective & needed != needed:
        refused("root with CAP_SYS_PTRACE and CAP_SYS_ADMIN")


def need_whole_root():
    """Root in a root directory that is its mount namespace's: to others the kernel names what is mapped in another
    mount namespace by paths that begin above their root."""
    need_root()
    stat = [need("stat"), "-L", "-c", "%d:%i", "/"]
    roots = [subprocess.run(argv, check=False, capture_output=True).stdout
             for argv in (stat, [need("nsenter"), "--mount=/proc/self/ns/mnt", *stat])]
    if roots[0] != roots[1]:
        missing("a root directory that is no chroot")


def as_nobody(*argv):
    """A running program that belongs to the user nobody; the caller must be root."""
    return Process(argv, user=NOBODY, group=NOBODY, extra_groups=[])


def setpriv(*capabilities):
    """The beginning of a command that runs another as nobody, with these capabilities and no others."""
    argv = [need("setpriv"), "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]
    for capability in capabilities:
        argv += ["--inh-caps", f"+{capability}", "--ambient-caps", f"+{capability}"]
    return [*argv, "--"]


@functools.cache
def public_memmap():
    """A copy of memmap that other users can run, wherever the build directory lies."""
    return shutil.copy(MEMMAP, public_dir() / "memmap")


def memmap_as_nobody(*args, capabilities=()):
    """Run memmap with no rights but these capabilities; the caller must be root."""
    argv = [*setpriv(*capabilities), public_memmap(), *map(str, args)]
    return subprocess.run(argv, check=False, capture_output=True, timeout=LIMIT)


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


def assert_valid(document):
    """The document follows the schema that is installed with the program."""
    try:
        import jsonschema
    except ImportError:
        missing("jsonschema (python3-jsonschema)")
    schema = json.loads((ROOT / "src" / "memmap.schema.json").read_text())
    validator = jsonschema.validators.validator_for(schema)
    validator.check_schema(schema)
    validator(schema).validate(document)


def mappings_of(pid):
    """(start, end, perms, name as bytes) of each line of /proc/PID/maps."""
    mappings = []
    for line in Path(f"/proc/{pid}/maps").read_bytes().split(b"\n")[:-1]:
        fields = line.split(b" ", 5)
        begin, end = (int(part, 16) for part in fields[0].split(b"-"))
        mappings.append((begin, end, fields[1].decode(), fields[5].lstrip(b" ")))
    return mappings


def state_of(directory):
    """A letter, of a directory of /proc: as ps(1) has it."""
    return Path(directory, "stat").read_text().rsplit(")", 1)[1].split()[0]


def wait_for_rest(process, spinning=()):
    """What a thread does must not change between two looks at it: all sleep but those that never do."""
    for task in Path(f"/proc/{process.pid}/task").iterdir():
        state = "R" if int(task.name) in spinning else "S"
        wait_until(lambda: state_of(task) == state, f"state {state} of thread {task.name}")


def is_present(pid, address):
    """Whether a process has the page at an address in memory."""
    with open(f"/proc/{pid}/pagemap", "rb") as pagemap:
        pagemap.seek(address // os.sysconf("SC_PAGE_SIZE") * 8)
        return bool(int.from_bytes(pagemap.read(8), "little") >> 63)


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
    """The fields of each row that --raw printed, without what stands above and below the rows."""
    return [line.split(" ") for line in output.decode().split("\n")[:-1]]


def column(name, *args):
    """The cells of one column, as --raw prints them."""
    run = memmap("--raw", "--noheadings", "-o", name, *args)
    assert run.returncode == 0, run.stderr
    return run.stdout.decode().split("\n")[:-1]


def assert_error(run, subject, *words, status=1):
    """Nothing on standard output; one line on standard error, which names the subject and says the words."""
    error = run.stderr.decode()
    assert run.returncode == status, error
    assert run.stdout == b""
    assert error.startswith(f"memmap: {subject}: "), error
    assert error.endswith("\n") and error.count("\n") == 1, error
    for word in words:
        assert re.search(word, error, re.IGNORECASE), error


def run(*argv):
    subprocess.run(argv, check=True)


def without_sections(source, path):
    """As sstrip leaves a file: nothing but what the loader reads."""
    data = bytearray(source.read_bytes())
    order = "little" if data[5] == 1 else "big"
    offset, count = ((0x28, 8), 0x3c) if data[4] == 2 else ((0x20, 4), 0x30)
    assert int.from_bytes(data[count:count + 2], order) > 0
    data[offset[0]:sum(offset)] = bytes(offset[1])
    data[count:count + 4] = bytes(4)
    path.write_bytes(data)
    path.chmod(0o755)
    return path


def with_debugdata(whole, path, keep, *options):
    """As Fedora packages files: stripped, with the functions of .symtab in .gnu_debugdata."""
    debug, inner = path.with_suffix(".debug"), path.with_suffix(".mini")
    run(need("objcopy"), "--only-keep-debug", whole, debug)
    run(need("objcopy"), "-S", "--remove-section=.gdb_index", "--remove-section=.comment",
        *(f"--keep-symbol={name}" for name in keep), debug, inner)
    run(need("xz"), "-kf", *options, inner)
    run(need("strip"), "-o", path, whole)
    run(need("objcopy"), f"--add-section=.gnu_debugdata={inner}.xz", path)
    return path
