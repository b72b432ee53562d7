# SPDX-License-Identifier: MIT
"""The texts of the documentation."""
import re

from conftest import ROOT

MAN = ROOT / "man" / "memmap.1"
README = (ROOT / "README.md").read_text()


def man_text():
    """The man page without changes of font, and with plain hyphens."""
    return re.sub(r"\\f[A-Z]", "", MAN.read_text().replace(r"\-", "-"))


def man_section(name):
    return re.search(rf"^\.SH {name}\n(.*?)(?=^\.SH )", man_text(), re.MULTILINE | re.DOTALL).group(1)


def man_subsections(section):
    parts = re.split(r"^\.SS (.*)\n", man_section(section), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


def tags(text):
    """The tags of paragraphs: the line after each .TP."""
    return re.findall(r"^\.TP.*\n(?:\.\w+ )?(.*)", text, re.MULTILINE)


def man_tags(section):
    return tags(man_section(section))


def man_examples():
    """The lines between .EX and .EE."""
    blocks = re.findall(r"^\.EX\n(.*?)^\.EE", man_text(), re.MULTILINE | re.DOTALL)
    escapes = {r"\(aq": "'", r"\(ti": "~", r"\e": "\\"}
    lines = [line for block in blocks for line in block.splitlines()]
    return [re.sub(r"\\(\(aq|\(ti|e)", lambda escape: escapes[escape.group()], line) for line in lines]


def readme_section(heading):
    return re.search(rf"^### {heading}\n(.*?)(?=^##)", README, re.MULTILINE | re.DOTALL).group(1)


def readme_samples():
    """{command: its output as far as it is shown}, from console blocks, where commands follow "$ "."""
    blocks = re.findall(r"^```console\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    parts = (part for block in blocks for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:])
    return dict(part.split("\n", 1) for part in parts)


def readme_examples():
    return list(readme_samples())
