# SPDX-License-Identifier: MIT
"""skipped.py BUILD: what the last run of the tests skipped, and the Debian packages that provide what was missing."""
import json
import re
import sys
from collections import Counter
from pathlib import Path

REASON = re.compile(r"^SKIPPED \[(\d+)\] \S+: (?:missing: )?(.*)$", re.M)
UNIT = re.compile(r"\bunit-")  # "memmap:unit / unit-text": meson puts the suite in the name
PACKAGE = re.compile(r"\(([a-z0-9][a-z0-9+.-]+)\)$")  # as passed to missing() in conftest.py


def reasons_of(tests):
    """How many cases were skipped for each reason."""
    reasons = Counter()
    for test in tests:
        for number, reason in REASON.findall(test.get("stdout", "")):
            reasons[reason] += int(number)
    if not any(UNIT.search(test["name"]) for test in tests):
        reasons["unit tests (libcriterion-dev)"] = 1
    return reasons


def main():
    log = Path(sys.argv[1]) / "meson-logs" / "testlog.json"
    reasons = reasons_of([json.loads(line) for line in log.read_text().splitlines()])
    if not reasons:
        print("Nothing was skipped.")
        return
    print("Skipped, for want of:")
    for reason, number in sorted(reasons.items()):
        print(f"{number:6}  {reason}")
    packages = {match[1] for match in map(PACKAGE.search, reasons) if match}
    if packages:
        print("Packages that bring it:", *sorted(packages))


if __name__ == "__main__":
    main()
