#!/usr/bin/env python3
"""Searches parameters of a policy by Optuna, with `reckon compare` as the objective.

    python3 search.py --policy policies/steady --ranges steady.toml --out found --trials 50 --seeds 1..40

Each trial holds the policy with some parameters against --against (its own defaults if left), on the same
seeds. Its score is what the --gain figures win, in scales, minus a penalty for each --guard figure that is
worse by more than its margin. The study is kept in --out: the same command goes on with it, to --trials in
all. A best score is found on tuning seeds and proves nothing; the last lines say how to ask for a verdict.
"""

import argparse
import json
import shlex
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

USAGE, STOPPED = 64, 130
FIRST_VERDICT_SEED = 1_000_000
VERDICT_SEEDS = "1000000..1000099"
# No comparison has so many seeds that the first of so many shards holds one.
MOST_SHARDS = 100_000
# Of all pooled figures, this one is better if it is more.
MORE = ("admitted_share",)
GAIN = "entries_refused_needlessly,admitted_share"
GUARD = "flaps,risk_at_doubt_per_admitted,wrong_exposure_per_admitted,naked_seconds_p99"
# A scale lost beyond the margin outweighs whatever a figure can win.
PENALTY = 10.0
# For a run that broke an invariant.
BROKEN = 1_000.0


def say(text):
    print(text, file=sys.stderr, flush=True)


def fail(text, code=USAGE):
    say(f"Error: {text}")
    sys.exit(code)


def options(words):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.error = fail
    parser.add_argument("--policy", required=True, help="directory of the policy to tune")
    parser.add_argument("--against", help="policy to hold it against (the same with its defaults)")
    parser.add_argument("--ranges", required=True, type=Path, help="TOML file of what to search")
    parser.add_argument("--out", required=True, type=Path, help="directory for the study")
    parser.add_argument(
        "--trials", type=int, default=50, help="trials, those of earlier starts included (50)"
    )
    parser.add_argument("--seeds", default="1..40", help="tuning seeds A..B, all below 1,000,000 (1..40)")
    parser.add_argument("--scenario", action="append", default=[], help="as for compare; repeatable")
    parser.add_argument("--hours", help="as for compare")
    parser.add_argument("--jobs", help="as for compare")
    parser.add_argument("--gain", default=GAIN, help=f"figures to win ({GAIN})")
    parser.add_argument("--guard", default=GUARD, help=f"figures not to lose ({GUARD})")
    parser.add_argument(
        "--sampler-seed", type=int, default=1, help="the same seed tries the same parameters (1)"
    )
    parser.add_argument(
        "--binary", default=".build/release/reckon-simulate", help="reckon or reckon-simulate"
    )
    asked = parser.parse_args(words)
    check_seeds(asked.seeds)
    if asked.trials < 1:
        fail(f"--trials is {asked.trials}; allowed are 1 and more")
    if not 0 <= asked.sampler_seed < 2**31:
        fail(f"--sampler-seed is {asked.sampler_seed}; allowed are 0 to {2**31 - 1}")
    asked.gain, asked.guard = asked.gain.split(","), [name for name in asked.guard.split(",") if name]
    return asked


def check_seeds(text):
    """Whoever tunes on the seeds of the verdict gets the verdict that he tuned for."""
    ends = text.split("..")
    if len(ends) > 2 or not all(end.isascii() and end.isdigit() for end in ends):
        fail(f"--seeds is {text}; give A..B, or N for 1 to N")
    if int(ends[-1]) >= FIRST_VERDICT_SEED:
        fail(f"--seeds is {text}; seeds from 1,000,000 up are for verdicts: tune on lower ones")


def read_ranges(path):
    """Name → low, high, step and log."""
    try:
        found = tomllib.loads(path.read_text())
    except OSError as trouble:
        fail(f"{path}: {trouble.strerror}; give a TOML file of ranges, such as examples/optuna/steady.toml")
    except ValueError as trouble:
        fail(f"{path}: {trouble}")
    if not found:
        fail(f"{path}: has no range; a range is [NAME] with low and high")
    for name, given in found.items():
        if not isinstance(given, dict) or not {"low", "high"} <= set(given) <= {"low", "high", "step", "log"}:
            fail(f"{path}: [{name}] must have low and high, and may have step or log; nothing else")
        numbers = [given[key] for key in ("low", "high", "step") if key in given]
        if any(isinstance(number, bool) or not isinstance(number, (int, float)) for number in numbers):
            fail(f"{path}: [{name}] has a low, high or step that is no number")
        if not given["low"] < given["high"]:
            fail(f"{path}: [{name}] goes from {given['low']} to {given['high']}; low must be below high")
        if given.get("log") and ("step" in given or given["low"] <= 0):
            fail(f"{path}: [{name}] has log, which needs a low above 0 and goes without step")
        if not given.get("step", 1) > 0:
            fail(f"{path}: [{name}] has step {given['step']}; it must be above 0")
    return found


def run(words):
    """A command of reckon, and what it said."""
    try:
        return subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    except OSError as trouble:
        fail(f"{words[0]} cannot be run ({trouble.strerror}); build it, or name another by --binary")


def reason(said):
    """What the program complained about, without its usage."""
    return said.split("\nUsage:")[0].strip().removeprefix("Error: ")[-1500:] or "it said nothing"


def settings(values, label=""):
    return [word for name, value in values.items() for word in ("--set", f"{label}{name}={value}")]


def comparison(asked, values, seeds):
    words = ["compare", "--policy", asked.against or asked.policy, "--policy", asked.policy]
    words += settings(values, "b.")
    for scenario in asked.scenario:
        words += ["--scenario", scenario]
    return words + (["--hours", asked.hours] if asked.hours else []) + ["--seeds", seeds]


def measure(asked, values):
    """The report of one comparison."""
    words = [asked.binary, *comparison(asked, values, asked.seeds), "--json"]
    done = run(words + (["--jobs", asked.jobs] if asked.jobs else []))
    # 1 is an answer: worse, or runs that did not hold.
    if done.returncode not in (0, 1) or not done.stdout:
        said = f"compare ended with {done.returncode}: {reason(done.stderr)}"
        fail(f"{said}\nrepeat: {shlex.join(words)}", max(done.returncode, 1))
    return json.loads(done.stdout)


def score(asked, report):
    """What the gains win minus what the guards lose, in scales; and the gain of each figure."""
    rows = {row["figure"]: row for row in report["figures"] if row["scenario"] == "all"}
    for name in [*asked.gain, *asked.guard]:
        if name not in rows:
            fail(f"there is no pooled figure {name}; there are {', '.join(sorted(rows))}")
    gains = {}
    for name in [*asked.gain, *asked.guard]:
        worth = rows[name]["mean_difference"]
        gains[name] = worth if name in MORE else -worth
    total = sum(gains[name] for name in asked.gain)
    # The mean decides and not `non_inferior`, which so few seeds seldom show.
    total -= PENALTY * sum(max(0.0, -gains[name] - rows[name]["margin"]) for name in asked.guard)
    total -= BROKEN * sum(challenger["failures"] for challenger in report["challengers"])
    return total, gains


def comparison_terms(asked, ranges, end):
    """All that the figures hang on, as the engine tells it: the head of a part that holds no run.

    Policies refuse names that they lack and values that they do not allow, now rather than in some trial.
    """
    values = {name: given[end] for name, given in ranges.items()}
    with tempfile.TemporaryDirectory(prefix="reckon-terms-") as folder:
        out = Path(folder) / "terms.part"
        words = comparison(asked, values, asked.seeds)
        done = run([asked.binary, *words, "--shard", f"1/{MOST_SHARDS}", "--out", str(out)])
        if done.returncode != 0:
            fail(f"with every parameter of {asked.ranges} at its {end}: {reason(done.stderr)}")
        with open(out, "rb") as file:
            return json.loads(file.readline())["terms"]


def all_terms(asked, ranges):
    """What must be the same for scores to stand in one study."""
    comparison_terms(asked, ranges, "high")
    own = {"gain": asked.gain, "guard": asked.guard, "sampler-seed": asked.sampler_seed, "ranges": ranges}
    return {**comparison_terms(asked, ranges, "low"), **own}


def open_study(optuna, asked, wanted):
    try:
        asked.out.mkdir(parents=True, exist_ok=True)
    except OSError as trouble:
        fail(f"{asked.out} cannot be made ({trouble.strerror}); give another --out")
    file = asked.out.absolute() / "study.sqlite"
    study = optuna.create_study(
        storage=f"sqlite:///{file}", study_name="reckon", direction="maximize", load_if_exists=True
    )
    found = study.user_attrs.get("terms")
    if found is None:
        study.set_user_attr("terms", wanted)
    elif found != wanted:
        names = ", ".join(sorted(name for name in wanted if found.get(name) != wanted[name]))
        fail(f"{file} is of another search ({names} differ); give another --out, or remove it")
    # What an earlier start left in the middle is tried again.
    for trial in study.get_trials(deepcopy=False, states=[optuna.trial.TrialState.RUNNING]):
        study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
    return study


def suggest(trial, name, given):
    how = {"step": given.get("step"), "log": given.get("log", False)}
    value = trial.suggest_float(name, given["low"], given["high"], **how)
    # Digits that nobody would type make no difference to a policy.
    return float(f"{value:.6g}")


def search(optuna, asked, ranges, study):
    complete = [optuna.trial.TrialState.COMPLETE]
    done = len(study.get_trials(deepcopy=False, states=complete))
    if done:
        say(f"{done} trials are in {asked.out} already")
    while done < asked.trials:
        # One seed per trial: a search that was interrupted tries what an uninterrupted one would have tried.
        study.sampler = optuna.samplers.TPESampler(seed=asked.sampler_seed + done)
        trial = study.ask()
        values = {name: suggest(trial, name, given) for name, given in ranges.items()}
        worth, gains = score(asked, measure(asked, values))
        trial.set_user_attr("values", values)
        trial.set_user_attr("gains", gains)
        study.tell(trial, worth)
        done += 1
        told = " ".join(f"{name}={value}" for name, value in values.items())
        say(f"trial {done} of {asked.trials}: score {worth:.4f}, {told}")
    return study.best_trial, done


def tell(asked, best, done):
    values = best.user_attrs["values"]
    print(f"best of {done} trials on tuning seeds {asked.seeds}: score {best.value:.4f} (0 is the reference)")
    for name, gain in best.user_attrs["gains"].items():
        print(f"  {name}: {gain:+.4f} scales ({'to win' if name in asked.gain else 'not to lose'})")
    if best.value <= 0:
        print("nothing better than the reference was found: keep it, search longer, or change the ranges")
    print(shlex.join(settings(values)))
    print("not a verdict: it was picked as the best on these seeds. Ask on seeds that the search never saw:")
    print(shlex.join([asked.binary, *comparison(asked, values, VERDICT_SEEDS)]))


def main():
    asked = options(sys.argv[1:])
    ranges = read_ranges(asked.ranges)
    wanted = all_terms(asked, ranges)
    try:
        import optuna
    except ImportError:
        fail("Optuna is absent; type: pip install -r examples/optuna/requirements.txt")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    tell(asked, *search(optuna, asked, ranges, open_study(optuna, asked, wanted)))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        say("stopped; the same command goes on where it was")
        sys.exit(STOPPED)
