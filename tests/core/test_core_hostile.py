# SPDX-License-Identifier: MIT
"""Core files made to keep memmap busy, or to fill its memory: it answers soon, and says what it left out."""
from conftest import memmap, memmap_json
from helpers.cores import core_target, limited
from helpers.make_core import PAGE, PT_LOAD, File, Load, Maker, R, W, X

FAR = 0x10000000
SOON = 60  # seconds for what takes less than one, and would take minutes


def test_threads_that_share_a_control_block(tmp_path):
    """Each thread is looked up by its number, however many there are."""
    maker = Maker()
    registers = [0] * 27
    registers[21] = FAR + PAGE * 2 - 512  # the FS base
    one = maker.prstatus(0, registers)
    at = maker.prstatus(0x7fffffff, registers).index(b"\xff\xff\xff\x7f")
    notes = maker.auxv() + b"".join(one[:at] + maker.pack("I", 2 + i) + one[at + 4:] for i in range(250_000))
    core = maker.write(tmp_path / "core", [Load(FAR, PAGE, 0), Load(FAR + PAGE, PAGE, R | W)], notes)
    assert memmap(core, timeout=SOON).returncode == 3


def test_threads_that_are_listed_again(tmp_path):
    maker = Maker()
    notes = b"".join(maker.prstatus(tid, [0] * 27) for tid in (9, 7, 9, 8, 7, 7))
    target = core_target(maker.write(tmp_path / "core", [Load(FAR, PAGE, R)], notes), status=3)
    assert [thread["tid"] for thread in target["threads"]] == [7, 8, 9]


def test_names_longer_than_paths(tmp_path):
    """A file whose name is longer than a path is left out, with a note: each mapping would compare and show it."""
    maker = Maker()
    files = [File(FAR, FAR + 2 * PAGE, 0, b"/" + b"a" * 5000), File(FAR + 2 * PAGE, FAR + 3 * PAGE, 0, b"/srv/data")]
    core = maker.write(tmp_path / "core", [Load(FAR, 3 * PAGE, R)], maker.prstatus(1, [0] * 27) + maker.files(files))
    target = core_target(core, status=3)
    assert [region["name"] for region in target["regions"]] == [None, "/srv/data"]
    assert "core-notes-missing" in {note["code"] for note in target["notes"]}


def threads_of(maker, tmp_path, notes, note_parts):
    """The numbers of the threads, and whether a note says that some are missing."""
    core = maker.write(tmp_path / "core", [Load(FAR, PAGE, R)], notes, note_parts)
    target, = memmap_json(core, status=3, timeout=SOON)["targets"]
    return [thread["tid"] for thread in target["threads"]], "core-notes-missing" in {
        note["code"] for note in target["notes"]}


def test_notes_in_several_segments(tmp_path):
    maker = Maker()
    one = len(maker.prstatus(1, [0] * 27))
    notes = b"".join(maker.prstatus(tid, [0] * 27) for tid in (1, 2, 3))
    assert threads_of(maker, tmp_path, notes, [(i * one, one) for i in range(3)]) == ([1, 2, 3], False)


def test_segments_that_share_notes(tmp_path):
    """All notes together are at most as large as the file."""
    maker = Maker()
    notes = b"".join(maker.prstatus(tid, [0] * 27) for tid in range(1, 100))
    assert threads_of(maker, tmp_path, notes, [(0, len(notes))] * 50) == ([*range(1, 100)], True)


def test_many_segments_of_notes(tmp_path):
    maker = Maker()
    thread = maker.prstatus(7, [0] * 27)
    size = len(maker.note(0, b""))
    notes = thread + maker.note(0, b"") * 60_000
    parts = [(0, len(thread)), *((len(thread) + i * size, size) for i in range(60_000))]
    assert threads_of(maker, tmp_path, notes, parts) == ([7], True)


def elf(n):
    """A program of `n` segments."""
    maker = Maker()
    ident = b"\x7fELF\x02\x01\x01" + bytes(9)
    header = ident + maker.pack("HHIQQQIHHHHHH", 2, 62, 1, 0, 64, 0, 0, 64, 56, n, 64, 0, 0)
    return header + maker.segment(PT_LOAD, R, 0, FAR, PAGE, PAGE) * n


def test_files_that_share_headers(tmp_path):
    """Many mapped files whose headers are the same bytes of the core file: it has room for few of these headers."""
    maker = Maker()
    n, contents = 2000, elf(1000)
    size = -(-len(contents) // PAGE) * PAGE
    starts = [FAR + 2 * size * i for i in range(n)]
    files = maker.files([File(start, start + size, 0, b"/srv/%d" % start) for start in starts])
    core = maker.write(tmp_path / "core", [Load(start, size, R | X) for start in starts], files + maker.prstatus(1, [0] * 27))
    at = core.stat().st_size
    with open(core, "r+b") as file:
        file.seek(64 + 56)
        for start in starts:
            file.write(maker.segment(PT_LOAD, R | X, at, start, size, size))
        file.seek(at)
        file.write(contents.ljust(size, b"\0"))
    texts = {note["code"]: note["text"] for note in core_target(core, status=3)["notes"]}
    kept = core.stat().st_size // 32 // 1000
    assert texts["core-files-missing"].startswith(f"{kept} mapped file")
    assert texts["core-files-unread"].startswith(f"{n - kept} mapped files are not read")
    assert "core-files-unknown" not in texts


def test_mappings_of_a_file_with_many_segments(tmp_path):
    """The access of what only the list of files has comes from the segments of the file, if these are few."""
    maker = Maker()
    program = tmp_path / "program"
    program.write_bytes(elf(10_000))
    n = 20_000
    files = [File(FAR + 2 * PAGE * i, FAR + 2 * PAGE * i + PAGE, 500 * (i > 0), bytes(program)) for i in range(n)]
    loads = [Load(FAR, PAGE, R | X, program.read_bytes()[:PAGE])]
    core = maker.write(tmp_path / "core", loads, maker.prstatus(1, [0] * 27) + maker.files(files))
    target, = memmap_json(core, status=3, timeout=SOON)["targets"]
    assert len(target["regions"]) == n and "core-access" in {note["code"] for note in target["notes"]}


def test_names_of_one_file(tmp_path):
    """A file with many names, which are spellings of its path, is read once: each time would take 4 MB."""
    maker = Maker()
    n_sections, n_names = 16_000, 400
    program = bytearray(elf(1))
    names = b"a" * 1000 + b"\0"
    program[40:48] = maker.pack("Q", PAGE)
    program[60:64] = maker.pack("HH", n_sections, n_sections - 1)
    sections = [maker.pack("IIQQQQIIQQ", 0, 1, 2, FAR + i, 0, 1, 0, 0, 1, 0) for i in range(n_sections - 1)]
    sections.append(maker.pack("IIQQQQIIQQ", 0, 3, 0, 0, len(program), len(names), 0, 0, 1, 0))
    program = (bytes(program) + names).ljust(PAGE, b"\0") + b"".join(sections)
    (tmp_path / "program").write_bytes(program)
    starts = [FAR + 2 * PAGE * i for i in range(n_names)]
    paths = [bytes(tmp_path) + b"/." * i + b"/program" for i in range(n_names)]
    files = maker.files([File(start, start + PAGE, 0, path) for start, path in zip(starts, paths)])
    core = maker.write(tmp_path / "core", [Load(start, PAGE, R | X, program[:PAGE]) for start in starts],
                       files + maker.prstatus(1, [0] * 27))
    run = memmap("-S", "-o", "START,SECTION", core, timeout=SOON, preexec_fn=limited)
    assert run.returncode in (0, 3), run.stderr
