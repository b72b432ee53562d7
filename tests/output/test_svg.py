# SPDX-License-Identifier: MIT
"""--svg: a well-formed, self-contained document, whose shapes are as large as what they stand for."""
import itertools
import json
import os
import re
import subprocess
import sys

import pytest

from conftest import LIMIT, ROOT, memmap, memmap_json, need
from helpers import tools
from helpers.colours import SEEN, contrast, distance
from helpers.images import Image
from helpers.make_core import write_plain
from helpers.pictures import SVG, Picture, picture
from helpers.programs import start
from helpers.snapshots import edited, need_snapshots, save
from output.test_hostile_names import NAMES


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    need_snapshots()
    path = tmp_path_factory.mktemp("svg") / "snapshot"
    with start("kinds.c") as process:
        save(path, "-S", "-X", process.pid)
    return path


def assert_tree(tree, total, by_kind):
    """The width of each box is in proportion to its bytes, and the boxes below it have no more bytes than it has."""
    (everything,), kinds = tree[0], tree[1]
    assert everything.bytes == total == sum(item.bytes for item in kinds)
    assert {item.title.split(":")[0]: item.bytes for item in kinds} == by_kind
    whole = everything.boxes[0]
    for above, row in zip(tree, tree[1:]):
        for item in row:
            box = item.boxes[0]
            assert box.width == pytest.approx(whole.width * item.bytes / total, abs=0.02)
        for item in above:
            box = item.boxes[0]
            below = [other for other in row
                     if box.x - 0.01 <= other.boxes[0].x and
                     other.boxes[0].x + other.boxes[0].width <= box.x + box.width + 0.01]
            assert sum(other.bytes for other in below if other.boxes[0].width > 0.05) <= item.bytes


@pytest.mark.parametrize("column, key", [("RSS", "rss"), ("PSS", "pss"), ("SIZE", None)])
def test_icicle(document, column, key):
    regions = memmap_json(document, "-S", "-X")["targets"][0]["regions"]
    by_kind = {}
    for region in regions:
        by_kind[region["kind"]] = by_kind.get(region["kind"], 0) + (region["usage"][key] if key else region["size"])
    by_kind = {kind: value for kind, value in by_kind.items() if value}
    shown = picture(document, "-o", column)
    name = next(name for name in shown.lists if name.endswith("by kind, file and section"))
    items = shown.lists[name]
    rows = sorted({item.boxes[0].y for item in items})
    assert_tree([[item for item in items if item.boxes[0].y == y] for y in rows], sum(by_kind.values()), by_kind)


def test_address_space(document):
    """The items are in address order, and cover everything from the first region to the last."""
    target = memmap_json(document)["targets"][0]
    items = picture(document).list("Address space")
    ranges = [tuple(int(address, 16) for address in re.match("([0-9a-f]+)-([0-9a-f]+) ", item.title).groups())
              for item in items]
    assert ranges[0][0] == int(target["regions"][0]["start"], 16)
    assert ranges[-1][1] == int(target["regions"][-1]["end"], 16)
    assert all(before[1] == after[0] for before, after in zip(ranges, ranges[1:]))
    assert any("grows to higher addresses" in item.title for item in items)
    assert any("grows to lower addresses" in item.title for item in items)


def test_layout_is_the_same_picture(document):
    assert picture("--layout", document).text == picture(document).text


def test_legend(document):
    totals = memmap_json(document, "-S", "-X")["targets"][0]["totals"]
    legend = picture(document).list("Kinds")
    assert [item.boxes[0].kind for item in legend] == list(totals)


def test_narrowing(document):
    shown = picture(document, "-k", "text,heap")
    assert {item.title.split(":")[0] for item in shown.tree()[1]} == {"text", "heap"}
    run = memmap("--svg", document, "--name", "nothing")
    assert run.returncode == 0 and b"no region" in run.stderr and b"</svg>" in run.stdout


def test_files(tmp_path):
    """For a file, a core file and the text of a map, memmap draws sizes."""
    write_plain(tmp_path / "core")
    text = tmp_path / "maps"
    text.write_text("10000-11000 r--p 00000000 00:00 0\n")
    for path in (sys.executable, tmp_path / "core", text):
        regions = memmap_json(path, "-S")["targets"][0]["regions"]
        assert picture(path, "-o", "SIZE").tree()[0][0].bytes == sum(region["size"] for region in regions)
        assert picture(path, status=3).text == picture(path, "-o", "SIZE").text


def test_live_process_to_a_file(tmp_path):
    path = tmp_path / "picture.svg"
    with start("kinds.c") as process:
        assert memmap("--svg", process.pid, "--output-file", path).returncode == 0
        assert f"process {process.pid}".encode() in path.read_bytes()
        path.write_text("old")
        assert memmap("--svg", "4194304", "--output-file", path).returncode == 1
    assert path.read_text() == "old"


def test_style(document):
    """Only screens are dark, so that paper stays white; only generic fonts are used."""
    style = picture(document).root.find(SVG + "style").text
    day, night = style.split("@media screen and (prefers-color-scheme:dark)")
    assert ".page{fill:#fff}" in day and ".page{" in night
    assert "@media print{svg{width:100%" in night
    assert set(re.findall("font-family:([^;}]+)", style)) == {"sans-serif", "monospace"}


def test_colours(document):
    """Text is legible on all colours; any two kinds differ, even to a reader who cannot tell red from green."""
    style = picture(document).root.find(SVG + "style").text
    kinds = [line.split()[0] for line in memmap("--help=kinds", text=True).stdout.splitlines()]
    for part in style.split("@media")[:2]:
        fills = dict(re.findall(r"\.?([\w-]+)(?:,\.address)?\{[^}]*fill:(#\w+)", part))
        for background in [*(f"k-{kind}" for kind in kinds), "all", "page"]:
            assert contrast(fills["text"], fills[background]) >= 4.5, background
        assert contrast(fills["muted"], fills["page"]) >= 4.5
        for seen, (one, other) in itertools.product(SEEN, itertools.combinations(kinds, 2)):
            assert distance(fills["k-" + one], fills["k-" + other], seen) >= 5, (seen, one, other)


def test_kept_picture(document):
    """The picture in the README looks like those that memmap draws today."""
    kept, drawn = Picture((ROOT / "man" / "shell.svg").read_bytes()), picture(document)
    assert kept.root.find(SVG + "style").text == drawn.root.find(SVG + "style").text
    assert list(kept.lists) == list(drawn.lists) and len(kept.text) < 50_000
    assert sum(item.bytes for item in kept.tree()[1]) == kept.tree()[0][0].bytes


# ---- names ----

def test_hostile_names(tmp_path):
    text = tmp_path / "maps"
    names = [*NAMES.values(), b"]]>", b"<!--", b"&lt;", "\ufffe\uffff".encode(), b"\x00"]
    text.write_bytes(b"".join(
        b"%x-%x r--p 00000000 08:01 %d /d/%s\n" % (i << 16, (i << 16) + 0x8000, i, name)
        for i, name in enumerate((name for name in names if b"\n" not in name and b"\x00" not in name), 1)))
    shown = picture(text, "-o", "SIZE")
    titles = "".join(item.title for items in shown.lists.values() for item in items)
    assert "]]>" in titles and "<!--" in titles and "&lt;" in titles and "<script>&amp;" in titles
    assert "\ufffd" in titles and not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\ufffe\uffff]", titles)


def test_long_names(tmp_path):
    """Text ends before its box does, whatever the font: better too early than too late."""
    text = tmp_path / "maps"
    text.write_text("".join(f"{i << 16:x}-{(i << 16) + 0x1000 * i:x} r--p 00000000 08:01 {i} /d/{'W' * 200}{i}\n"
                            for i in range(1, 12)))
    shown = picture(text, "-o", "SIZE")
    for row in shown.tree():
        for item in row:
            for label in item.texts:
                assert len(label) * 12 * 0.4 <= item.boxes[0].width


def test_hostile_figures(document, tmp_path):
    """Whatever a snapshot says is resident, all boxes stay in the picture, and within the boxes above them."""
    def edit(content):
        for region in content["targets"][0]["regions"][::2]:
            region["usage"]["rss"] = (1 << 63) - 1
    hostile = tmp_path / "hostile"
    hostile.write_bytes(edited(json.loads(document.read_bytes()), edit))
    run = memmap("--svg", hostile)
    tree = Picture(run.stdout).tree()
    assert sum(item.bytes for item in tree[1]) == tree[0][0].bytes > 1 << 60
    assert memmap("--svg", "-d", document, hostile).returncode == run.returncode == 0


def test_names_are_the_same_in_every_locale(tmp_path):
    """The document is in UTF-8, whatever the locale is."""
    text = tmp_path / "maps"
    text.write_text("10000-11000 r--p 00000000 08:01 1 /d/\u6f22\u5b57\n12000-13000 r-xp 00000000 08:01 2 /d/na\u00efve.so\n")
    plain, wide = (memmap("--svg", "-o", "SIZE", text, env={**os.environ, "LC_ALL": locale}).stdout.decode()
                   for locale in ("C", "C.UTF-8"))
    assert plain == wide and "file \u6f22\u5b57:" in plain
    with start("set_comm.c", "\u6f22\u5b57") as process:
        drawn = memmap("--svg", process.pid, env={**os.environ, "LC_ALL": "C"}).stdout.decode()
        assert f"{process.pid}: \u6f22\u5b57 (" in drawn


# ---- many ----

def test_sixty_thousand_regions(tmp_path):
    text = tmp_path / "maps"
    with text.open("w") as file:
        for i in range(1, 60001):
            name = f"/lib/l{i % 5000}.so" if i % 3 else ""
            file.write(f"{i << 16:x}-{(i << 16) + 0x1000 * (1 + i % 9):x} {'r-xp' if i % 2 else 'rw-p'} 00000000 "
                       f"{'08:01' if name else '00:00'} {i % 5000 if name else 0} {name}\n")
    shown = picture(text, "-o", "SIZE")
    assert len(shown.text) < 400_000
    assert any("others" in item.title for item in shown.tree()[2])
    assert sum(item.bytes for item in shown.tree()[1]) == shown.tree()[0][0].bytes


# ---- differences ----

def test_difference(tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text("10000-20000 r--p 00000000 08:01 1 /d/same\n20000-28000 r--p 00000000 08:01 2 /d/gone\n"
                   "30000-40000 rw-p 00000000 00:00 0 [heap]\n")
    new.write_text("10000-20000 r--p 00000000 08:01 1 /d/same\n20000-22000 r--p 00000000 08:01 2 /d/come\n"
                   "30000-50000 rw-p 00000000 00:00 0 [heap]\n")
    shown = picture("-d", old, new, "-o", "SIZE_CHANGE")
    changes = shown.list("Changes")
    assert [(item.title.split(" mapped")[0], item.title.split(", ")[-2].split(",")[0]) for item in changes] == [
        ("heap: +64K (65536 bytes)", "grown"),
        ("heap, [heap]: +64K (65536 bytes)", "grown"),
        ("file: -24K (24576 bytes)", "shrunk"),
        ("file, gone: -32K (32768 bytes)", "removed"),
        ("file, come: +8K (8192 bytes)", "added"),
    ]
    bars = {item.title.split(":")[0]: item.boxes[-1] for item in changes}
    axis = bars["heap"].x
    assert bars["heap"].kind == "grown" and bars["file"].kind == "shrunk"
    assert bars["file"].x + bars["file"].width == pytest.approx(axis, abs=0.02)
    assert bars["file, come"].x == axis and bars["heap"].width == pytest.approx(8 * bars["file, come"].width, abs=0.1)
    assert sum(item.bytes for item in shown.list("Kinds, old")) == 0x28000
    assert sum(item.bytes for item in shown.list("Kinds, new")) == 0x32000


def test_small_changes_are_one_line(tmp_path):
    """Changes whose bars would be less than a pixel, and those after the twelfth, share one line."""
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text("30000000-30001000 rw-p 00000000 00:00 0 [heap]\n")
    new.write_text("".join(f"{i << 20:x}-{(i << 20) + 0x1000 * i:x} r--p 00000000 08:01 {i} /d/{'abcdefghijklmnopqrst'[i]}\n"
                           for i in range(1, 20)) +
                   "30000000-40000000 rw-p 00000000 00:00 0 [heap]\n")
    changes = picture("-d", old, new, "-o", "SIZE_CHANGE").list("Changes")
    names = [item.title.split(":")[0] for item in changes]
    assert names == ["heap", "heap, [heap]", "file", "file, 19 smaller changes"]
    old.write_text("30000000-3f000000 rw-p 00000000 00:00 0 [heap]\n")
    new.write_text(new.read_text().replace("30000000-40000000", "30000000-3f002000"))
    names = [item.title.split(":")[0] for item in picture("-d", old, new, "-o", "SIZE_CHANGE").list("Changes")]
    assert names[:4] == ["file", "file, t", "file, s", "file, r"] and "file, 7 smaller changes" in names
    assert names[-2:] == ["heap", "heap, [heap]"]


def test_bars_have_room(tmp_path):
    """The longest bar is that of the line with the largest change, even if it adds up many small changes."""
    old, new = tmp_path / "old", tmp_path / "new"
    shapes = [(20 << 20, 10 << 20)] * 12 + [(1 << 20, 10 << 20)] * 40
    for path, side in ((old, 0), (new, 1)):
        path.write_text("".join(f"{i << 28:x}-{(i << 28) + sizes[side]:x} r--p 00000000 08:01 {i} /d/{chr(97 + i // 26)}{chr(97 + i % 26)}\n"
                                for i, sizes in enumerate(shapes, 1)))
    changes = picture("-d", old, new, "-o", "SIZE_CHANGE").list("Changes")
    bytes_of = {item.title.split(":")[0]: int(item.title.split("(")[1].split()[0]) for item in changes}
    assert bytes_of["file"] == 240 << 20 and bytes_of["file, 40 smaller changes"] == 360 << 20
    for item in changes:
        share = bytes_of[item.title.split(":")[0]] / (360 << 20)
        assert item.boxes[-1].width == pytest.approx(280 * share, abs=0.02), item.title


def test_no_difference(document):
    assert picture("-d", document, document).list("Changes") == []


# ---- what does not go with it ----

@pytest.mark.parametrize("args", [["-J"], ["-m"], ["-w"], ["-a"], ["--folded"], ["--openmetrics"], ["--sort", "RSS"],
                                  ["-e"], ["-o", "RSS,PSS"], ["-o", "NAME"], ["/bin/true"]])
def test_what_does_not_go_with_it(args):
    run = memmap("--svg", *args, *([] if args == ["-a"] else [os.getpid()]), text=True)
    assert (run.returncode, run.stdout) == (2, "") and "--svg" in run.stderr


def test_one_document_is_one_picture(document, tmp_path):
    two = tmp_path / "two"
    with start("set_comm.c", "svg of two") as one, start("set_comm.c", "svg of two") as other:
        run = memmap("--svg", "svg of two", text=True)
        assert (run.returncode, run.stdout) == (1, "") and "--svg draws one" in run.stderr
        need_snapshots()
        save(two, one.pid, other.pid)
    run = memmap("--svg", two, "--output-file", tmp_path / "picture", text=True)
    assert run.returncode == 1 and "--svg draws one" in run.stderr
    assert not (tmp_path / "picture").exists()


# ---- drawn ----

def style_of(shown, is_dark):
    """The colours of the classes, in the light or the dark scheme."""
    style = shown.root.find(SVG + "style").text.split("@media")
    fills = {}
    for part in style[:1 + is_dark]:
        fills.update(re.findall(r"\.([\w-]+)\{fill:(#\w+)\}", part))
    return fills


def assert_drawn(shown, image, is_dark):
    """Each box that is large enough has its colour where it has no text; the corner has the colour of the page."""
    fills = style_of(shown, is_dark)
    boxes = [item.boxes[0] for row in shown.tree()[1:] for item in row]
    boxes += [item.boxes[0] for item in shown.list("Kinds") + shown.list("Address space")
              if len(item.boxes) == 1 and item.boxes[0].kind != "gap"]
    assert len({box.kind for box in boxes if box.width > 8}) > 4
    for box in boxes:
        if box.width > 8:
            expected = fills["k-" + box.kind].lstrip("#")
            colour = image.at(box.x + 2, box.y + box.height - 2)
            assert all(abs(int(expected[2 * i:2 * i + 2], 16) - colour[i]) <= 3 for i in range(3)), box
    page = image.at(4, 4)
    assert page == ((21, 24, 27) if is_dark else (255, 255, 255))


@pytest.fixture(name="small", scope="module")
def fixture_small(document):
    """A picture of some kinds only, which is drawn faster."""
    return picture(document, "-k", "text,data,bss,heap,stack,shm,jit")


def test_drawn_by_librsvg(small, tmp_path):
    convert = need("rsvg-convert")
    (tmp_path / "picture.svg").write_bytes(small.text)
    subprocess.run([convert, "-o", tmp_path / "picture.png", tmp_path / "picture.svg"], check=True)
    assert_drawn(small, Image(tmp_path / "picture.png"), False)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_drawn_by_chromium(small, tmp_path, scheme):
    chromium = tools.find("chromium")
    if not chromium:
        pytest.skip("missing: chromium (chromium)")
    (tmp_path / "picture.svg").write_bytes(small.text)
    subprocess.run([
        chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
        "--hide-scrollbars", f"--user-data-dir={tmp_path}/profile",
        f"--window-size={small.width:.0f},{small.height:.0f}",
        f"--blink-settings=preferredColorScheme={0 if scheme == 'dark' else 1}",
        f"--screenshot={tmp_path}/picture.png", f"file://{tmp_path}/picture.svg",
    ], check=True, capture_output=True, timeout=LIMIT)
    assert_drawn(small, Image(tmp_path / "picture.png"), scheme == "dark")
