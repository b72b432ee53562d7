# SPDX-License-Identifier: MIT
"""Shared by tests of pictures: parses what --svg prints, and checks the rules that all pictures follow."""
import re
import xml.etree.ElementTree as ElementTree
from typing import NamedTuple

from conftest import memmap

SVG = "{http://www.w3.org/2000/svg}"
EXACT = re.compile(r"\((\d+) bytes?\)")
# No picture has any of these: they would run code, fetch something, or look different elsewhere.
FORBIDDEN = re.compile(rb"<script|<image|<foreignObject|<use|href|url\(|@import|javascript:|<!DOCTYPE|<!ENTITY|\son\w+=",
                       re.IGNORECASE)


class Box(NamedTuple):
    kind: str
    x: float
    y: float
    width: float
    height: float

    def overlaps(self, other):
        return self.x < other.x + other.width - 0.005 and other.x < self.x + self.width - 0.005 and \
            self.y < other.y + other.height - 0.005 and other.y < self.y + self.height - 0.005


class Item(NamedTuple):
    """One shape with its title."""
    title: str
    boxes: list
    texts: list

    @property
    def bytes(self):
        return int(EXACT.search(self.title)[1])


def box_of(rect):
    classes = rect.get("class").split()
    kind = next((name[2:] for name in classes if name.startswith("k-")), classes[-1])
    return Box(kind, *(float(rect.get(name)) for name in ("x", "y", "width", "height")))


class Picture:
    """A well-formed document; `lists` has the items of each list, by its name."""

    def __init__(self, text):
        self.text = text
        self.root = ElementTree.fromstring(text)
        self.title = self.root.find(SVG + "title").text
        self.width, self.height = (float(number) for number in self.root.get("viewBox").split()[2:])
        self.lists = {
            group.get("aria-label"): [self.item(item) for item in group]
            for group in self.root.iter(SVG + "g") if group.get("role") == "list"
        }
        self.check()

    @staticmethod
    def item(group):
        assert group.get("role") == "listitem"
        return Item(group.find(SVG + "title").text, [box_of(rect) for rect in group.iter(SVG + "rect")],
                    [text.text for text in group.iter(SVG + "text")])

    def list(self, beginning):
        return next(items for name, items in self.lists.items() if name.startswith(beginning))

    def tree(self):
        """The rows of the icicle: everything, kinds, names, sections."""
        items = self.list("Resident") if any(name.startswith("Resident") for name in self.lists) else self.list("Mapped")
        rows = sorted({item.boxes[0].y for item in items})
        return [[item for item in items if item.boxes[0].y == y] for y in rows]

    def check(self):
        assert not FORBIDDEN.search(self.text)
        assert (self.root.get("width"), self.root.get("height")) == (f"{self.width:g}", f"{self.height:g}")
        for rect in self.root.iter(SVG + "rect"):
            box = box_of(rect)
            assert box.x >= 0 and box.y >= 0 and box.width >= 0 and box.height > 0
            assert box.x + box.width <= self.width + 0.01 and box.y + box.height <= self.height + 0.01
        for text in self.root.iter(SVG + "text"):
            assert 0 < float(text.get("y")) < self.height and text.get("aria-hidden") == "true"
        for items in self.lists.values():
            assert all(item.title for item in items)
            self.check_siblings([item.boxes[0] for item in items if item.boxes])

    @staticmethod
    def check_siblings(boxes):
        """No two boxes overlap."""
        boxes = sorted(boxes, key=lambda box: (box.y, box.x))
        for before, box in zip(boxes, boxes[1:]):
            assert not before.overlaps(box), (before, box)


def picture(*args, status=0):
    run = memmap("--svg", *args)
    assert run.returncode == status, run.stderr
    return Picture(run.stdout)
