# SPDX-License-Identifier: MIT
"""How the benchmark compares a run with the kept figures and with goals, shown with made-up figures."""
import json

import pytest

import bench
import kept
from commands import RATIOS
from gates import Gate
from report import print_report
from targets import MAKERS

MACHINE = {"kernel": "6.1.0", "cpus": 2}
FIGURES = {"format": 1, "machine": MACHINE,
           "figures": {"sleep": {"memmap / cat maps": [1.0, 0.2], "memmap, memory": [100, 0.15]}}}


def ratio(value, low=None, high=None, **other):
    return {"target": "sleep", "program": "memmap", "rival": "cat maps", "sink": "null", "ratio": value,
            "quartiles": [low or value, high or value], "mappings": 24, "rounds": 7, "program_seconds": 0.001,
            "rival_seconds": 0.001, **other}


def memory(value, **other):
    return {"target": "sleep", "program": "memmap", "mappings": 24, "bytes_per_mapping": value, **other}


def change(row):
    return kept.compare(row, FIGURES)["change"]


@pytest.mark.parametrize(("value", "expected"), [
    (0.8, "better"), (0.84, "same"), (1.0, "same"), (1.2, "same"), (1.21, "worse"), (3.0, "worse")])
def test_change(value, expected):
    assert change(ratio(value)) == expected


@pytest.mark.parametrize(("value", "expected"), [(80, "better"), (100, "same"), (115, "same"), (116, "worse")])
def test_change_of_memory(value, expected):
    assert change(memory(value)) == expected


@pytest.mark.parametrize(("low", "expected"), [(0.9, "same"), (1.0, "same"), (1.01, "worse")])
def test_a_quarter_of_the_rounds_is_as_it_was(low, expected):
    """Then the machine was busy and the median is off: memmap is worse only if even the best quarter of rounds is."""
    assert change(ratio(1.5, low, 2.0)) == expected


def test_a_quarter_of_the_rounds_is_not_better():
    assert change(ratio(0.5, 0.4, 1.01)) == "same"


@pytest.mark.parametrize("other", [
    {"rival": "pmap"}, {"target": "python"}, {"sink": "pipe"}, {"program": "memmap -x"}], ids=str)
def test_what_is_not_kept(other):
    assert kept.compare(ratio(9.0, **other), FIGURES) == {"kept": None, "limit": None, "change": None}


def test_what_is_not_measured():
    row = bench.not_measured({"target": "sleep", "mappings": None}, "null", Gate("memmap", "cat maps", ("sleep",), 1.15),
                             "cat not installed", FIGURES)
    assert (row["kept"], row["limit"], row["change"], row["result"]) == (1.0, 1.2, None, "cat not installed")


ROWS = {
    "as it was, goal met": (1.0, "same", "held"),
    "as it was, goal missed": (1.19, "same", "missed"),
    "better, and beyond the goal": (0.7, "better", "stretch"),
    "worse, goal missed": (1.3, "worse", "missed"),
}


@pytest.mark.parametrize(("value", "expected", "result"), ROWS.values(), ids=ROWS.keys())
def test_only_what_got_worse_fails(value, expected, result):
    row = bench.judged(ratio(value), value, Gate("memmap", "cat maps", ("sleep",), 1.15, 0.9), FIGURES)
    assert (row["change"], row["result"]) == (expected, result)
    assert bench.status_of([row]) == bench.status_of([row, row]) == (1 if expected == "worse" else 0)


def test_worse_without_a_goal_fails():
    assert bench.status_of([bench.judged(memory(200), 200, None, FIGURES)]) == 1
    assert bench.status_of([]) == 0


def test_report(capsys):
    gate = Gate("memmap", "cat maps", ("sleep",), 1.15)
    rows = [bench.judged(ratio(value), value, gate, FIGURES) for value in (1.0, 1.19, 1.3)]
    rows.append(bench.judged(ratio(1.3, rival="pmap"), 1.3, None, FIGURES))
    print_report({"ratios": rows, "memory": [bench.judged(memory(80), 80, None, FIGURES)], "stalls": [],
                  "kept_machine": MACHINE})
    lines = capsys.readouterr().out.splitlines()
    words = [line.split()[8:] for line in lines[1:4]]  # after the target, a measure of four words, rounds and times
    assert lines[0].split()[5:] == ["RATIO", "KEPT", "LIMIT", "RESULT", "GATE", "STRETCH", "GOAL"]
    assert words == [["1.00", "1.00", "1.20", "ok", "1.15", "-", "met"],
                     ["1.19", "1.00", "1.20", "ok", "1.15", "-", "missed"],
                     ["1.30", "1.00", "1.20", "WORSE", "1.15", "-", "missed"]]
    assert lines[4].split()[-4:] == ["-", "-", "-", "-"]
    assert "1 worse, 1 better, 2 as they were, 0 not measured" in lines[-2] and "2 CPUs and Linux 6.1.0" in lines[-2]
    assert lines[-1] == "goals: 1 met, 2 missed, 0 not measured"


def run_of(*rows, kernel="6.1.0"):
    return {"machine": {"kernel": kernel, "cpus": 2, "load": 0.3}, "ratios": [row for row in rows if "ratio" in row],
            "memory": [row for row in rows if "ratio" not in row]}


def test_kept_are_medians():
    runs = [run_of(ratio(value), memory(100 * value)) for value in (1.0, 1.1, 1.05)]
    assert kept.renewed(runs) == {"format": 1, "machine": MACHINE, "figures": {
        "sleep": {"memmap / cat maps": [1.05, 0.15], "memmap, memory": [105.0, 0.15]}}}


@pytest.mark.parametrize(("runs", "figure"), [
    ([ratio(1.0), ratio(1.0), ratio(1.4)], [1.0, 0.4]),                     # the slowest run is still tolerated
    ([ratio(1.0, 0.9, 1.3)], [1.0, 0.3]),                                   # so is the third quartile of the rounds
    ([ratio(1.0, 0.9, 9.0), ratio(1.0), ratio(1.0)], [1.0, 0.15]),          # the quartile of the median run
    ([ratio(0.12345)], [0.123, 0.15]),
    ([ratio(1.0, 0.5, 0.9)], [1.0, 0.15])])
def test_tolerance_is_the_spread(runs, figure):
    assert kept.renewed([run_of(run) for run in runs])["figures"]["sleep"]["memmap / cat maps"] == figure


def test_what_is_worth_keeping():
    rows = [ratio(1.0, sink="pipe"), ratio(1.0, rival="true"), ratio(9.0, rival="true", target="million"),
            ratio(None, rival="smem")]
    assert kept.renewed([run_of(*rows)])["figures"] == {"sleep": {"memmap / true": [1.0, 0.15]}}


def test_keep(tmp_path, monkeypatch, capsys):
    """--keep writes a file that can be read back, and a run is the "same" as itself."""
    path = tmp_path / "bench.json"
    rows = [ratio(1.07, 1.0, 1.2), ratio(0.333, rival="pmap"), memory(109.4), ratio(1.0, target="python")]
    path.write_text(json.dumps(run_of(*rows)))
    monkeypatch.setattr(kept, "PATH", tmp_path / "kept.json")
    assert bench.main(["--keep", str(path), str(path)]) == 0
    assert capsys.readouterr().out == f"{tmp_path}/kept.json\n"
    figures = kept.load(tmp_path / "kept.json")
    assert figures == kept.renewed([run_of(*rows)])
    assert {kept.compare(row, figures)["change"] for row in rows} == {"same"}


def test_the_kept_figures():
    """kept.json in the tree has only figures that are measured, in the layout that --keep writes."""
    figures = kept.load()
    assert kept.text_of(figures) == kept.PATH.read_text(encoding="utf-8")
    assert set(figures["figures"]) <= set(MAKERS)
    names = {f"{program} / {rival}" for program, rival in RATIOS} | {"memmap, memory", "memmap -x, memory"}
    for target in figures["figures"].values():
        assert set(target) <= names
        assert all(figure > 0 and kept.LEAST_TOLERANCE <= tolerance for figure, tolerance in target.values())
