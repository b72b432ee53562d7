# SPDX-License-Identifier: MIT
"""The tables that the benchmark prints."""

MARKS = {"missed": "MISSED", "held": "ok", "stretch": "ok, stretch", "shown": ""}


def number(value, digits=2):
    return "-" if value is None else f"{value:.{digits}f}"


def milliseconds(seconds):
    return "-" if seconds is None else f"{seconds * 1000:.2f}"


def print_table(headings, rows, left):
    """Columns as wide as they must be; those named in `left` begin at the left."""
    widths = [max(len(row[i]) for row in [headings, *rows]) for i in range(len(headings))]
    for row in [headings, *rows]:
        cells = [cell.ljust(width) if heading in left else cell.rjust(width)
                 for heading, cell, width in zip(headings, row, widths)]
        print(" ".join(cells).rstrip())


def verdict(row):
    return (number(row["gate"]), number(row["stretch"]), MARKS.get(row["result"], row["result"]))


def ratio_row(row):
    piped = ", piped" if row["sink"] == "pipe" else ""
    return (row["target"], f"{row['program']} / {row['rival']}{piped}", number(row["rounds"], 0),
            milliseconds(row["program_seconds"]), milliseconds(row["rival_seconds"]),
            number(row["ratio"]), *verdict(row))


def memory_row(row):
    return (row["target"], row["program"], str(row["mappings"]), number(row["bytes_per_mapping"], 0),
            *verdict(row))


def stall_row(row):
    return (row["target"], row["reader"] or "nobody", str(row["runs"]), str(row["rounds"]),
            number(row["median"], 1), number(row["p99"], 1), number(row["worst"], 0),
            f"{row['stalled']:.0%}")


def print_report(document):
    """The document that bench.py describes."""
    print_table(("TARGET", "MEASURE", "ROUNDS", "MS", "RIVAL-MS", "RATIO", "GATE", "STRETCH", "RESULT"),
                [ratio_row(row) for row in document["ratios"]], ("TARGET", "MEASURE", "RESULT"))
    if document["memory"]:
        print("\nPeak memory, above that of a run on the smallest process:")
        print_table(("TARGET", "PROGRAM", "MAPPINGS", "BYTES/MAPPING", "GATE", "STRETCH", "RESULT"),
                    [memory_row(row) for row in document["memory"]], ("TARGET", "PROGRAM", "RESULT"))
    if document["stalls"]:
        print("\nWhat the target notices of its reader: microseconds of mmap, write and munmap of a page:")
        print_table(("TARGET", "READER", "RUNS", "TIMES", "MEDIAN", "P99", "WORST", "STALLED"),
                    [stall_row(row) for row in document["stalls"]], ("TARGET", "READER"))
    print(f"\n{summary(document['ratios'] + document['memory'])}")


def summary(rows):
    gated = [row for row in rows if row["gate"] is not None]
    missed = sum(row["result"] == "missed" for row in gated)
    held = sum(row["result"] in ("held", "stretch") for row in gated)
    return f"gates: {held} held, {missed} missed, {len(gated) - held - missed} not measured"
