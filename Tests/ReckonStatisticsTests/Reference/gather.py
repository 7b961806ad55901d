"""Turns the table of `reckon compare --csv` into one line for each scenario and primary figure."""

import csv
import sys

PRIMARY = (
    "entries_refused_needlessly",
    "admitted_share",
    "flaps",
    "risk_at_doubt_per_admitted",
    "wrong_exposure_per_admitted",
    "naked_seconds_p99",
)
rows = {}
for row in csv.DictReader(sys.stdin):
    if row["figure"] in PRIMARY and row["challenger"] == "b":
        rows.setdefault((row["scenario"], row["figure"]), []).append(f"{float(row['gain']):.6g}")
print("scenario,figure,gains")
for (scenario, figure), gains in rows.items():
    print(",".join([scenario, figure, *gains]))
