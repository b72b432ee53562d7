# SPDX-License-Identifier: MIT
"""Asks real shells how they would complete a command line, with the completions of this tree."""
import os
import re
import subprocess
import tempfile
from pathlib import Path

from conftest import LIMIT, MEMMAP, ROOT, missing, need
from helpers.programs import public_dir

COMPLETIONS = ROOT / "completions"
BASH_COMPLETION = Path("/usr/share/bash-completion/bash_completion")

BASH = r"""
. "$1" && . "$2" || exit
compopt() { :; }    # works only while a line is being edited
COMP_LINE=$3 COMP_POINT=${#3} COMP_WORDS=("${@:4}") COMP_CWORD=$(($# - 4))
_memmap memmap "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\n' "${COMPREPLY[@]}"
"""

# An interactive shell that completes its first line as soon as it can be edited, and exits. The
# words that compadd would offer are written to a file; its calls with -O, -A or -D only fill
# variables. compinit searches a thousand files: the first shell saves what it found for the next ones.
ZSH = r"""
fpath=("$COMPLETIONS" $fpath)
autoload -Uz compinit && compinit -u -C -d "$DUMP"
compadd() {
  local -a __hits __shown
  local -i __i __at
  if [[ " ${@[1,(i)(-|--)]} " == *' '-[^\ ]#[OAD]' '* ]]; then
    builtin compadd "$@"
    return
  fi
  __at=${@[(i)-d]}
  (( __at < $# )) && __shown=("${(@P)@[__at + 1]}")
  builtin compadd -A __hits -D __shown "$@"
  for (( __i = 1; __i <= $#__hits; __i++ )); do
    print -r -- "$IPREFIX$__hits[__i]"$'\t'"$__shown[__i]" >> "$CAPTURE"
  done
}
setopt extended_glob
zle-line-init() {
  BUFFER=$LINE_TO_COMPLETE CURSOR=$#LINE_TO_COMPLETE
  zle complete-word
  exit 0
}
zle -N zle-line-init
"""

FISH = 'source "$COMPLETIONS/memmap.fish"; complete -C "$LINE_TO_COMPLETE"'


def run(argv, **kwargs):
    done = subprocess.run(argv, check=False, text=True, capture_output=True, timeout=LIMIT, **kwargs)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return done.stdout.splitlines()


def environment(line, **more):
    """An environment in which completions run the memmap under test."""
    path = f"{Path(MEMMAP).resolve().parent}:{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "LC_ALL": "C.UTF-8", "COMPLETIONS": str(COMPLETIONS),
            "LINE_TO_COMPLETE": line, **more}


def complete_bash(line):
    """bash has no descriptions, and treats the = of an option as a word."""
    bash = need("bash")
    if not BASH_COMPLETION.exists():
        missing(f"{BASH_COMPLETION} (bash-completion)")
    words = re.findall(r"=|[^\s=]+", line) + ([""] if line[-1] in " =" else [])
    argv = [bash, "--norc", "-c", BASH, "bash", BASH_COMPLETION, COMPLETIONS / "memmap.bash", line, *words]
    shown = run(argv, env=environment(line))
    return {text: "" for text in shown if text}


def read_terminal(master):
    """Everything that is written to a terminal until its last user has closed it."""
    output = b""
    while True:
        try:
            output += os.read(master, 4096)
        except OSError:
            return output.decode(errors="replace")


def complete_zsh(line):
    zsh = need("zsh")
    with tempfile.TemporaryDirectory() as home:
        capture = Path(home) / "capture"
        capture.touch()
        (Path(home) / ".zshrc").write_text(ZSH)
        master, slave = os.openpty()
        env = environment(line, ZDOTDIR=home, CAPTURE=str(capture), DUMP=str(public_dir() / "zcompdump"))
        with subprocess.Popen([zsh, "-d", "-i"], stdin=slave, stdout=slave, stderr=slave, env=env,
                              start_new_session=True) as shell:
            os.close(slave)
            output = read_terminal(master)
            os.close(master)
            assert shell.wait(LIMIT) == 0, output
        rows = [row.split("\t") for row in capture.read_text().splitlines()]
    assert "error" not in output, output
    return {text: shown.removeprefix(text) for text, shown in rows}


def complete_fish(line):
    """fish repeats the option that a value is attached to; the other shells do not. Some versions list words that
    have the letters anywhere, too, but offer them only if no word begins with the letters."""
    rows = run([need("fish"), "--no-config", "-c", FISH], env=environment(line))
    word = line.split(" ")[-1].lower()
    rows = [row for row in rows if row.lower().startswith(word)] or rows
    option = re.search(r"(--\w+=)\S*$", line)
    rows = [row.removeprefix(option.group(1) if option else "").split("\t") for row in rows]
    return {row[0]: row[1] if len(row) > 1 else "" for row in rows}


COMPLETE = {"bash": complete_bash, "zsh": complete_zsh, "fish": complete_fish}
