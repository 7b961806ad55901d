#!/usr/bin/env python3
"""A search that is killed goes on as if it never had been; what must not be mixed is refused.

Called by examples/cluster/test.sh, in its virtual environment and from the top of the tree.
"""

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

RECKON = os.environ.get("RECKON", ".build/release/reckon-simulate")
FOLDER = Path(__file__).parent
TRIALS = "4"
WORDS = ["--policy", "policies/steady", "--ranges", str(FOLDER / "steady.toml"), "--binary", RECKON]
WORDS += ["--scenario", "lost-acks", "--seeds", "1..4", "--hours", "0.1"]


def command(out, *more):
    return [sys.executable, str(FOLDER / "search.py"), *WORDS, "--out", str(out), "--trials", TRIALS, *more]


def start(out, *more):
    return subprocess.run(command(out, *more), capture_output=True, text=True, timeout=180)


def kill_in_second_trial(out):
    """The whole group, else the comparison of that trial went on by itself."""
    search = subprocess.Popen(command(out), stderr=subprocess.PIPE, text=True, start_new_session=True)
    for line in search.stderr:
        if line.startswith("trial 1 "):
            break
    os.killpg(search.pid, signal.SIGKILL)
    search.wait()
    search.stderr.close()


def trials(out):
    """How many trials completed, from the file itself."""
    with sqlite3.connect(out / "study.sqlite") as file:
        return file.execute("select count(*) from trials where state = 'COMPLETE'").fetchone()[0]


def check(holds, what, detail=""):
    if not holds:
        sys.exit(f"Failed: {what}\n{detail}")
    print(f"ok: {what}", flush=True)


def main():
    with tempfile.TemporaryDirectory(prefix="rk-") as folder:
        killed, whole = Path(folder, "killed"), Path(folder, "whole")
        kill_in_second_trial(killed)
        before = trials(killed)
        check(1 <= before < 4, f"killed by -9 after {before} of {TRIALS} trials")
        again = start(killed)
        check(again.returncode == 0, "a second start goes on", again.stderr)
        check(f"{before} trials are in" in again.stderr, "with the trials of the first", again.stderr)
        check(trials(killed) == 4, "to as many as were asked for, in all", again.stderr)

        once = start(whole)
        check(once.returncode == 0, "a search without a break", once.stderr)
        tried = [line for line in once.stderr.splitlines() if line.startswith("trial ")]
        check(len(set(tried)) == 4, "tries other parameters each time", once.stderr)
        check(tried[before:] == again.stderr.splitlines()[1:], "it tried the same as the one that was killed")
        check(once.stdout == again.stdout, "and found the same", once.stdout + again.stdout)
        check("--set risk_slope=" in once.stdout and "--seeds 1000000.." in once.stdout, "told for a verdict")

        other = start(whole, "--hours", "0.2")
        check(
            other.returncode == 64 and "another search" in other.stderr,
            "other terms are refused",
            other.stderr,
        )
        seeds = start(whole, "--seeds", "999990..1000000")
        check(
            seeds.returncode == 64 and "for verdicts" in seeds.stderr,
            "verdict seeds are refused",
            seeds.stderr,
        )


if __name__ == "__main__":
    main()
