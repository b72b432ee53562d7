# SPDX-License-Identifier: MIT
"""Measured costs of memmap, kept in kept.json: a run of the benchmark is compared with them.

    { "format": 1,
      "machine": { "kernel": "6.1.0", "cpus": 2 },      where they were measured
      "figures": { "sleep": {
        "memmap / cat maps": [1.04, 0.15],              a ratio, and the share by which it may grow
        "memmap, memory": [109, 0.15]                   bytes per mapping
      } } }

Ratios differ more than that between machines: to find out what a change costs, first keep the figures of
the program without it.
"""
import json
import math
import statistics
from pathlib import Path

PATH = Path(__file__).with_name("kept.json")
LEAST_TOLERANCE = 0.15  # medians of two runs on one machine may differ by this much


def name_of(row):
    """The name in kept.json of a row of the results; None if its figure is not kept."""
    if "bytes_per_mapping" in row:
        return f"{row['program']}, memory"
    # Only on the smallest process is a program that does nothing a useful rival.
    if row["sink"] != "null" or (row["rival"] == "true" and row["target"] != "sleep"):
        return None
    return f"{row['program']} / {row['rival']}"


def value_of(row):
    return row["bytes_per_mapping"] if "bytes_per_mapping" in row else row["ratio"]


def load(path=PATH):
    return json.loads(path.read_text(encoding="utf-8"))


def compare(row, kept):
    """The kept figure, its limit, and how the row compares: "worse", "better", "same", or None if not known."""
    figure, tolerance = kept["figures"].get(row["target"], {}).get(name_of(row), (None, None))
    value = value_of(row)
    if figure is None:
        return {"kept": None, "limit": None, "change": None}
    limit = round(figure * (1 + tolerance), 3)
    # On a busy machine the median is off, but some rounds are still as they were.
    low, high = row.get("quartiles") or (value, value)
    change = None if value is None else (
        "worse" if value > limit and low > figure else
        "better" if value < figure / (1 + tolerance) and high < figure else "same")
    return {"kept": figure, "limit": limit, "change": change}


def figure_of(rows):
    """The median of several runs, and a tolerance as large as their spread and that of their rounds."""
    values = [value_of(row) for row in rows]
    figure = statistics.median(values)
    rounds = statistics.median(row.get("quartiles", (value, value))[1] / value for row, value in zip(rows, values))
    tolerance = max(LEAST_TOLERANCE, max(values) / figure - 1, rounds - 1)
    return [float(f"{figure:.3g}"), math.ceil(tolerance * 100 - 1e-6) / 100]


def renewed(documents):
    """New kept figures from these runs; what none of them measured is dropped."""
    found = {}
    for row in (row for document in documents for row in document["ratios"] + document["memory"]):
        if name_of(row) and value_of(row) is not None:
            found.setdefault(row["target"], {}).setdefault(name_of(row), []).append(row)
    machine = documents[-1]["machine"]
    return {"format": 1, "machine": {key: machine[key] for key in ("kernel", "cpus")},
            "figures": {target: {name: figure_of(rows) for name, rows in names.items()}
                        for target, names in found.items()}}


def text_of(kept):
    """The figures as JSON, one per line, for readable diffs."""
    targets = []
    for target, names in kept["figures"].items():
        lines = ",\n".join(f"   {json.dumps(name)}: {json.dumps(figure)}" for name, figure in names.items())
        targets.append(f"  {json.dumps(target)}: {{\n{lines}\n  }}")
    figures = ",\n".join(targets)
    return (f'{{\n "format": {kept["format"]},\n "machine": {json.dumps(kept["machine"])},\n'
            f' "figures": {{\n{figures}\n }}\n}}\n')
