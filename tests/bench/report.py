# SPDX-License-Identifier: MIT
"""The tables that the benchmark prints."""

GOALS = {"missed": "missed", "held": "met", "stretch": "stretch", "shown": ""}
CHANGES = {"worse": "WORSE", "better": "better", "same": "ok", None: ""}


# The columns beside a value; those in WORDS are not numbers.
VERDICT = ("KEPT", "LIMIT", "RESULT", "GATE", "STRETCH", "GOAL")
WORDS = ("RESULT", "GOAL")


def number(value, digits=2):
    return "-" if value is None else f"{value:.{digits}f}"


def milliseconds(seconds):
    return "-" if seconds is None else f"{seconds * 1000:.2f}"


def print_table(headings, rows, left):
    """Prints columns as wide as they must be; those named in `left` are aligned to the left."""
    widths = [max(len(row[i]) for row in [headings, *rows]) for i in range(len(headings))]
    for row in [headings, *rows]:
        cells = [cell.ljust(width) if heading in left else cell.rjust(width)
                 for heading, cell, width in zip(headings, row, widths)]
        print(" ".join(cells).rstrip())


def verdict(row, digits=2):
    """The cells beside a value: the kept figure, its limit, and the goals."""
    return (number(row["kept"], digits), number(row["limit"], digits), CHANGES[row["change"]],
            number(row["gate"], digits), number(row["stretch"], digits), GOALS.get(row["result"], row["result"]))


def ratio_row(row):
    piped = ", piped" if row["sink"] == "pipe" else ""
    return (row["target"], f"{row['program']} / {row['rival']}{piped}", number(row["rounds"], 0),
            milliseconds(row["program_seconds"]), milliseconds(row["rival_seconds"]),
            number(row["ratio"]), *verdict(row))


def memory_row(row):
    return (row["target"], row["program"], str(row["mappings"]), number(row["bytes_per_mapping"], 0),
            *verdict(row, 0))


def stall_row(row):
    return (row["target"], row["reader"] or "nobody", str(row["runs"]), str(row["rounds"]),
            number(row["median"], 1), number(row["p99"], 1), number(row["worst"], 0),
            f"{row['stalled']:.0%}")


def print_report(document):
    """Prints the document that bench.py describes."""
    print_table(("TARGET", "MEASURE", "ROUNDS", "MS", "RIVAL-MS", "RATIO", *VERDICT),
                [ratio_row(row) for row in document["ratios"]], ("TARGET", "MEASURE", *WORDS))
    if document["memory"]:
        print("\nPeak memory, above that of a run on the smallest process:")
        print_table(("TARGET", "PROGRAM", "MAPPINGS", "BYTES/MAPPING", *VERDICT),
                    [memory_row(row) for row in document["memory"]], ("TARGET", "PROGRAM", *WORDS))
    if document["stalls"]:
        print("\nWhat the target notices of its reader: microseconds of mmap, write and munmap of a page:")
        print_table(("TARGET", "READER", "RUNS", "TIMES", "MEDIAN", "P99", "WORST", "STALLED"),
                    [stall_row(row) for row in document["stalls"]], ("TARGET", "READER"))
    print(f"\n{summary(document['ratios'] + document['memory'], document['kept_machine'])}")


def count(rows, key, *values):
    return sum(row[key] in values for row in rows)


def summary(rows, machine):
    kept = [row for row in rows if row["kept"] is not None]
    goals = [row for row in rows if row["gate"] is not None]
    missed, met = count(goals, "result", "missed"), count(goals, "result", "held", "stretch")
    return (f"kept figures, of {machine['cpus']} CPUs and Linux {machine['kernel']}: {count(kept, 'change', 'worse')} "
            f"worse, {count(kept, 'change', 'better')} better, {count(kept, 'change', 'same')} as they were, "
            f"{count(kept, 'change', None)} not measured (--keep: to keep one's own)\n"
            f"goals: {met} met, {missed} missed, {len(goals) - met - missed} not measured")
