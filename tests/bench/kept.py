# SPDX-License-Identifier: MIT
"""What memmap was measured to cost: figures kept in kept.json, to which a run of the benchmark is held.

    { "format": 1,
      "machine": { "kernel": "6.1.0", "cpus": 2 },      where they were measured
      "figures": { "sleep": {
        "memmap / cat maps": [1.04, 0.15],              a ratio, and how much more is still no news
        "memmap, memory": [109, 0.15]                   bytes a mapping
      } } }

Ratios differ between machines by more than this: who looks for what a change costs keeps figures of the
program without it first.
"""
import json
import math
import statistics
from pathlib import Path

PATH = Path(__file__).with_name("kept.json")
LEAST_TOLERANCE = 0.15  # medians of two runs on one machine may differ by that


def name_of(row):
    """What a row of the results is called here; None for what is not kept."""
    if "bytes_per_mapping" in row:
        return f"{row['program']}, memory"
    # On any but the smallest process the run of a program that does nothing is no measure.
    if row["sink"] != "null" or (row["rival"] == "true" and row["target"] != "sleep"):
        return None
    return f"{row['program']} / {row['rival']}"


def value_of(row):
    return row["bytes_per_mapping"] if "bytes_per_mapping" in row else row["ratio"]


def load(path=PATH):
    return json.loads(path.read_text(encoding="utf-8"))


def compare(row, kept):
    """The kept figure, the limit, and what the row's is to them: "worse", "better", "same"; None: not known."""
    figure, tolerance = kept["figures"].get(row["target"], {}).get(name_of(row), (None, None))
    value = value_of(row)
    if figure is None:
        return {"kept": None, "limit": None, "change": None}
    limit = round(figure * (1 + tolerance), 3)
    # Where a machine is busy, medians go astray; then some rounds are still as they were.
    low, high = row.get("quartiles") or (value, value)
    change = None if value is None else (
        "worse" if value > limit and low > figure else
        "better" if value < figure / (1 + tolerance) and high < figure else "same")
    return {"kept": figure, "limit": limit, "change": change}


def figure_of(rows):
    """A figure of several runs, and a tolerance as large as their spread, and that of their rounds."""
    values = [value_of(row) for row in rows]
    figure = statistics.median(values)
    rounds = statistics.median(row.get("quartiles", (value, value))[1] / value for row, value in zip(rows, values))
    tolerance = max(LEAST_TOLERANCE, max(values) / figure - 1, rounds - 1)
    return [float(f"{figure:.3g}"), math.ceil(tolerance * 100 - 1e-6) / 100]


def renewed(documents):
    """The kept figures that these runs make; what none of them measured is not kept."""
    found = {}
    for row in (row for document in documents for row in document["ratios"] + document["memory"]):
        if name_of(row) and value_of(row) is not None:
            found.setdefault(row["target"], {}).setdefault(name_of(row), []).append(row)
    machine = documents[-1]["machine"]
    return {"format": 1, "machine": {key: machine[key] for key in ("kernel", "cpus")},
            "figures": {target: {name: figure_of(rows) for name, rows in names.items()}
                        for target, names in found.items()}}


def text_of(kept):
    """As JSON, with a figure a line, so that a change can be read."""
    targets = []
    for target, names in kept["figures"].items():
        lines = ",\n".join(f"   {json.dumps(name)}: {json.dumps(figure)}" for name, figure in names.items())
        targets.append(f"  {json.dumps(target)}: {{\n{lines}\n  }}")
    figures = ",\n".join(targets)
    return (f'{{\n "format": {kept["format"]},\n "machine": {json.dumps(kept["machine"])},\n'
            f' "figures": {{\n{figures}\n }}\n}}\n')
