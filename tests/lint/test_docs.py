# SPDX-License-Identifier: MIT
"""The man page, the README and the completions name everything that the program has, and nothing else."""
import os
import re
import subprocess

import pytest

from conftest import ROOT, need
from helpers import vocabulary
from lint.documents import (
    MAN, README, man_section, man_subsections, man_tags, man_text, readme_section, tags)

COMPLETIONS = ROOT / "completions"
SRC = ROOT / "src"

OPTION = re.compile(r"(?<![\w-])(--[a-z][a-z-]*[a-z]|-[a-zA-Z])(?![\w-])")


def test_man_options():
    tags = " ".join(man_tags("OPTIONS")).replace('"', "")
    assert set(OPTION.findall(tags)) == vocabulary.options()


def test_man_mentions_no_other_option():
    text = man_text()
    examples = man_section("EXAMPLES")
    text = text.replace(examples, "")
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text + examples)) <= vocabulary.options()
    assert set(OPTION.findall(text)) <= vocabulary.options()


def test_man_columns():
    assert man_tags("COLUMNS") == vocabulary.columns()


def test_man_views():
    views = {view.split("=")[0] for view in vocabulary.views()} | set(vocabulary.joined_views())
    assert set(man_subsections("VIEWS")) == views


def columns_named(tag, columns):
    """The columns that a tag names: "START, END" names two, "RSS to KSM" all columns of the view in that range."""
    names = re.findall(r"[A-Z][A-Z_-]*", tag)
    if " to " not in tag:
        return names
    return columns[columns.index(names[0]):columns.index(names[-1]) + 1]


@pytest.mark.parametrize("view", [
    view for view in [*vocabulary.views(), *vocabulary.joined_views()] if view != "--frames" or vocabulary.has_frames()])
def test_man_columns_of_view(view):
    text = man_subsections("VIEWS")[view.split("=")[0]]
    columns = vocabulary.columns(*view.split())
    named = [name for tag in tags(text) for name in columns_named(tag, columns)]
    assert sorted(named) == sorted(columns)


def test_metrics():
    """The man page and the README list the metrics with the program's own names and help texts."""
    helps = dict(re.findall(r"^# HELP (\w+) (.*)$", vocabulary.output("--openmetrics", str(os.getpid())), re.MULTILINE))
    man = dict(re.findall(r"^\.B (memmap_\w+)\n(.*?)\n\.(?:TP|RE)", man_text(), re.MULTILINE | re.DOTALL))
    assert {name: re.sub(r"\n\.BR (\w+) \.", r" \1.", text) for name, text in man.items()} == helps
    rows = dict(re.findall(r"^\| `(memmap_\w+)` \| (.*?) \|", README, re.MULTILINE))
    assert {name: text[0].upper() + text[1:].replace("`", "") + "." for name, text in rows.items()} == helps


def test_man_kinds():
    assert man_tags("KINDS") == vocabulary.kinds()


def test_man_checks():
    assert man_tags("CHECKS") == vocabulary.checks()


def test_readme():
    assert set(OPTION.findall(readme_section("Options"))) == vocabulary.options()
    assert re.search(r"Columns: ([A-Z_\s]+)\.", README).group(1).split() == vocabulary.columns()
    assert re.findall(r"^\| `(\w+)` \|", readme_section("Kinds"), re.MULTILINE) == vocabulary.kinds()


def test_readme_names_what_is_in_the_sources():
    text = README.split("## Find your way in `src/`")[1]
    files = re.findall(r"`([a-z_/]+\.[ch])`", text)
    assert files and [file for file in files if not (SRC / file).exists()] == []
    folders = re.findall(r"^\| `([a-z]+)/` \|", text, re.MULTILINE)
    assert sorted(folders) == sorted(path.name for path in SRC.iterdir() if path.is_dir())
    words = re.findall(r"`(?:struct )?(\w+)(?:\[\]|\(\))?`", text)
    code = "".join(path.read_text() for path in SRC.rglob("*.[ch]"))
    assert [word for word in words if not re.search(rf"\b{word}\b", code)] == []


def words_of_bash(text):
    kinds = re.search(r"^_memmap_kinds='([^']*)'", text, re.MULTILINE).group(1)
    options = re.search(r"-W '(-u .*?)'", text, re.DOTALL).group(1)
    return OPTION.findall(options), kinds.split()


def words_of_zsh(text):
    kinds = re.findall(r"^    '(\w+):", text.split("_describe -t kinds")[0], re.MULTILINE)
    options = re.sub(r"\[.*?\].*", "", text.split("_arguments -s -S")[1])
    options = re.sub(r"'\(.*?\)'|[+=,{}']", " ", options)
    return OPTION.findall(options), kinds


def words_of_fish(text):
    kinds = re.findall(r"^        (\w+) '.*' ?\\?$", text, re.MULTILINE)
    options = ["-" + letter for letter in re.findall(r"^complete .* -s (\w)", text, re.MULTILINE)]
    options += ["--" + word for word in re.findall(r"^complete .* -l ([\w-]+)", text, re.MULTILINE)]
    return options, kinds


@pytest.mark.parametrize(("name", "words_of"), [
    ("memmap.bash", words_of_bash), ("_memmap", words_of_zsh), ("memmap.fish", words_of_fish)])
def test_completion(name, words_of):
    """The source of a completion has every option and kind, and no other; it asks memmap for columns."""
    options, kinds = words_of((COMPLETIONS / name).read_text())
    assert set(options) == vocabulary.options()
    assert kinds == vocabulary.kinds()


def test_bash_completes_every_argument():
    """The bash completion has a case for each option that takes an argument: unlike other shells, bash needs one."""
    text = (COMPLETIONS / "memmap.bash").read_text()
    cases = " ".join(re.findall(r"^    (-.*)\)$", text, re.MULTILINE))
    assert set(OPTION.findall(cases)) == vocabulary.options_with_argument()


@pytest.mark.parametrize("command", ["groff -man -ww -Tutf8", "mandoc -T lint -W warning"])
def test_man_lint(command):
    tool, *args = command.split()
    run = subprocess.run([need(tool), *args, MAN], check=False, capture_output=True, text=True)
    complaints = run.stderr if tool == "groff" else run.stdout + run.stderr
    assert run.returncode == 0 and complaints == ""
