# SPDX-License-Identifier: MIT
"""The checkers of spelling and of shell scripts have no complaints."""
import re
import subprocess

from conftest import ROOT, need

PARTS = ("src", "man", "tests", "completions", ".ci", "README.md", "meson.build")


def files():
    """Every text file of the project; recorded trees are data."""
    for part in PARTS:
        top = ROOT / part
        for path in [top] if top.is_file() else sorted(top.rglob("*")):
            if path.is_file() and "fixtures" not in path.parts and path.suffix != ".pyc":
                yield path


def shell_scripts():
    for path in files():
        if path.suffix in (".sh", ".bash") or re.match(rb"#!.*/(env )?(ba|da)?sh\b", path.read_bytes()[:64]):
            yield path


def check(*command):
    run = subprocess.run(command, check=False, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_spelling():
    # "(bu" is a bullet in a man page, "te" the beginning of "text", "caf" that of a truncated name.
    check(need("codespell"), "--ignore-words-list=bu,te,caf,msdos", *files())


def test_shell_scripts():
    scripts = list(shell_scripts())
    assert scripts
    check(need("shellcheck"), "--shell=bash", *scripts)
