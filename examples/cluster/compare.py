#!/usr/bin/env python3
"""Runs `reckon compare` in shards on Ray, and merges the parts to the very report of a single run.

    python3 compare.py --shards 8 --out parts -- --policy policies/baseline --policy policies/steady

What stands behind `--` goes to `reckon compare` as it is. Parts are kept in --out: the same command goes on
where it was. Exits as `reckon merge` does (0, or 1 if the first challenger is worse or a run did not hold),
with 64 for a wrong use, 75 if shards failed, 130 after Ctrl-C.
"""

import argparse
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

USAGE, LATER, STOPPED = 64, 75, 130
# What the driver has to decide itself: how runs are divided and where the report goes.
OWN = {"--shard": "--shards", "--out": "--out", "--resume": "--out", "--jobs": "--cpus"}
OWN.update({name: name for name in ("--json", "--csv", "--html")})
# No comparison has so many seeds that the first of so many shards holds one.
MOST_SHARDS = 100_000


class ShardDied(Exception):
    """The process was ended from outside, or its machine was in trouble: another attempt may go well."""


class ShardRefused(Exception):
    """Every attempt there would end the same way."""


def reason(said):
    """What a program complained about, without its usage."""
    return said.split("\nUsage:")[0].strip().removeprefix("Error: ")[-1500:] or "it said nothing"


def attempt(command, shard, folder):
    """One run of `reckon compare --shard`; the bytes of its part."""
    out = os.path.join(folder, "shard.part")
    words = command + ["--shard", shard, "--out", out]
    # A killed worker cannot end its child, which would go on beside the next attempt. Ray ends it where the
    # raylet of that machine lives; the kernel always does.
    if sys.platform == "linux":
        words = ["setpriv", "--pdeathsig", "KILL", "--", *words]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = reason(done.stderr.decode(errors="replace"))
    ended = f"signal {-done.returncode}" if done.returncode < 0 else f"exit code {done.returncode}"
    if done.returncode in (64, 126, 127):
        raise ShardRefused(f"{ended}: {said}; this machine ran the same words well: what differs there?")
    if done.returncode != 0:
        raise ShardDied(f"{ended}: {said}")
    with open(out, "rb") as file:
        return file.read()


def run_shard(command, shard, directory):
    """On a worker: the bytes of a part, where they were made, and the seconds it took."""
    began = time.monotonic()
    where = f"{socket.gethostname()}, process {os.getpid()}"
    if directory is not None and not os.path.isdir(directory):
        raise ShardRefused(f"on {where}: there is no directory {directory}; make one there, or use --ship")
    try:
        if directory is not None:
            os.chdir(directory)
        with tempfile.TemporaryDirectory(prefix="reckon-shard-") as folder:
            part = attempt(command, shard, folder)
        if b'"verdict":"crash"' in part:
            # The engine crashed, or someone killed the process of that seed: what repeats was the engine.
            with tempfile.TemporaryDirectory(prefix="reckon-shard-") as folder:
                part = attempt(command, shard, folder)
    except ShardDied as trouble:
        raise ShardDied(f"on {where}: {trouble}") from None
    except ShardRefused as trouble:
        raise ShardRefused(f"on {where}: {trouble}") from None
    except (FileNotFoundError, PermissionError) as trouble:
        raise ShardRefused(f"on {where}: {trouble}") from None
    except OSError as trouble:
        raise ShardDied(f"on {where}: {trouble}") from None
    return part, where, time.monotonic() - began


def say(text):
    print(text, file=sys.stderr, flush=True)


def fail(text, code=USAGE):
    say(f"Error: {text}")
    sys.exit(code)


def split(words):
    """The driver's own words, and those for `reckon compare`."""
    if "--" not in words:
        return words, []
    place = words.index("--")
    return words[:place], words[place + 1 :]


def options(words):
    own, passed = split(words)
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="%(prog)s [options] -- …",
        allow_abbrev=False,
    )
    parser.error = fail
    parser.add_argument("--shards", type=int, default=8, help="parts to divide the seeds into (8)")
    parser.add_argument("--out", required=True, type=Path, help="directory for the parts")
    parser.add_argument(
        "--binary", default=".build/release/reckon-simulate", help="reckon or reckon-simulate"
    )
    parser.add_argument(
        "--address", default="local", help="the cluster's; local starts one that ends with us"
    )
    parser.add_argument(
        "--ship", type=Path, help="directory to copy to all workers; paths are relative to it"
    )
    parser.add_argument("--cpus", type=int, default=1, help="cores for a shard (1)")
    parser.add_argument("--retries", type=int, default=3, help="further attempts at a shard that died (3)")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--csv", type=Path, help="write every pair of values to a file")
    parser.add_argument("--html", type=Path, help="write a page that shows it all to a file")
    asked = parser.parse_args(own)
    if not passed:
        fail("found nothing behind `--`; give the words of `reckon compare` there")
    for word in passed:
        name = word.split("=")[0]
        if name in OWN:
            fail(f"{name} stands behind `--`; leave it out there, and give {OWN[name]} in front")
        if name == "--until-decided":
            fail("--until-decided looks at all seeds so far, which no shard has: leave it, and give --seeds")
    for name, value, most in (("shards", asked.shards, MOST_SHARDS - 1), ("cpus", asked.cpus, 256)):
        if not 1 <= value <= most:
            fail(f"--{name} is {value}; allowed are 1 to {most}")
    if asked.retries < 0:
        fail(f"--retries is {asked.retries}; allowed are 0 and more")
    return asked, passed


def expected_terms(command):
    """The terms that every part must bear, told by a shard without a seed.

    Wrong words show here, on one machine, and not on all workers.
    """
    with tempfile.TemporaryDirectory(prefix="reckon-terms-") as folder:
        out = os.path.join(folder, "terms.part")
        words = command + ["--shard", f"1/{MOST_SHARDS}", "--out", out]
        try:
            done = subprocess.run(words, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        except OSError as trouble:
            fail(f"{command[0]} cannot be run ({trouble.strerror}); build it, or name another by --binary")
        if done.returncode != 0:
            fail(reason(done.stderr), done.returncode if done.returncode > 0 else USAGE)
        with open(out, "rb") as file:
            return json.loads(file.readline())["terms"]


def head_of(part):
    """The first line of a whole part; none of one that was cut."""
    if not part.endswith(b"\n"):
        return None
    try:
        head = json.loads(part.split(b"\n", 1)[0])
    except ValueError:
        return None
    return head if isinstance(head, dict) and isinstance(head.get("terms"), dict) else None


def difference(head, terms, shard):
    """What differs from the part that was asked for, in words; none if it is that part."""
    if head["terms"] == terms and head.get("shard") == shard:
        return None
    names = {"build": "program", "lua": "Lua release", "first": "seeds", "last": "seeds"}
    differing = {names.get(key, key) for key in terms if head["terms"].get(key) != terms[key]}
    return ", ".join(sorted(differing)) or "shard"


class Parts:
    """The part files of one comparison in a directory."""

    def __init__(self, directory, count, terms):
        self.directory, self.count, self.terms = directory, count, terms
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as trouble:
            fail(f"{directory} cannot be made ({trouble.strerror}); give another --out")

    def path(self, index):
        return self.directory / f"{index}-of-{self.count}.part"

    def shard(self, index):
        return f"{index}/{self.count}"

    def missing(self):
        """Indices of shards that have no whole part; parts of another comparison are never overwritten."""
        indices = []
        for index in range(1, self.count + 1):
            path = self.path(index)
            head = head_of(path.read_bytes()) if path.exists() else None
            if head is None:
                indices.append(index)
                continue
            other = difference(head, self.terms, self.shard(index))
            if other:
                fail(f"{path} is of another comparison ({other} differ); give another --out, or remove it")
        return indices

    def keep(self, index, part):
        """Whole or not at all, whatever happens to the driver; says what was wrong with the part."""
        head = head_of(part)
        if head is None:
            return "its part came back cut; start the same command again"
        other = difference(head, self.terms, self.shard(index))
        if other:
            return f"its worker has another {other}; bring that of this machine there, or use --ship"
        path = self.path(index)
        new = path.with_suffix(".new")
        try:
            with open(new, "wb") as file:
                file.write(part)
                file.flush()
                os.fsync(file.fileno())
            os.replace(new, path)
        except OSError as trouble:
            return f"{path} cannot be written ({trouble.strerror}); make room, and start again"
        return None


@contextlib.contextmanager
def complaining():
    """Ray prints what happens to workers on standard output, where the report alone belongs."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)


def require_listener(address):
    """Ray itself tries for many minutes where nobody answers."""
    host, _, port = address.rpartition(":")
    if "/" in address or not host or not port.isdigit():
        return
    try:
        socket.create_connection((host, int(port)), timeout=10).close()
    except (OSError, OverflowError) as trouble:
        fail(f"nobody answers at {address} ({trouble}); give the address that `ray start` told", LATER)


def start_ray(asked):
    require_listener(asked.address)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError:
        fail("Ray is absent; type: pip install -r examples/cluster/requirements.txt")
    settings = {"log_to_driver": False, "logging_level": "ERROR"}
    if asked.address == "local":
        # Parts are small; without a bound Ray takes a third of the memory for them.
        settings.update(include_dashboard=False, object_store_memory=100 * 1024 * 1024)
    if asked.ship:
        settings["runtime_env"] = {"working_dir": "."}
    try:
        ray.init(address=asked.address, **settings)
    except Exception as trouble:
        fail(
            f"Ray at {asked.address} cannot be used ({trouble}); see `ray status` and RAY_AUTH_MODE",
            LATER,
        )
    return ray


def run_missing(asked, command, parts, indices):
    """Runs them on the cluster; what went wrong, by shard."""
    ray = start_ray(asked)
    try:
        return collect(ray, submit(ray, asked, command, parts, indices), asked, parts)
    finally:
        ray.shutdown()


def submit(ray, asked, command, parts, indices):
    """Hands all of them to Ray; which index each answer will be of."""
    # In a copy that Ray made, workers stand already.
    directory = None if asked.ship else os.getcwd()
    remote = ray.remote(
        num_cpus=asked.cpus,
        max_retries=asked.retries,
        retry_exceptions=[ShardDied],
        scheduling_strategy="SPREAD",
    )(run_shard)
    return {remote.remote(command, parts.shard(index), directory): index for index in indices}


def collect(ray, waiting, asked, parts):
    """Keeps parts as they come; what went wrong, by shard."""
    failures = {}
    while waiting:
        done, _ = ray.wait(list(waiting), num_returns=1, timeout=60)
        if not done:
            say(f"{len(waiting)} shards under way or waiting for {asked.cpus} free cores each")
            continue
        index = waiting.pop(done[0])
        try:
            part, where, seconds = ray.get(done[0])
            trouble = parts.keep(index, part)
        except ray.exceptions.RayTaskError as error:
            trouble = str(error.cause)
        except ray.exceptions.RayError as error:
            trouble = f"{type(error).__name__} {asked.retries + 1} times; is a worker short of memory?"
        if trouble:
            failures[index] = trouble
            say(f"shard {parts.shard(index)} failed: {trouble}")
        else:
            say(f"shard {parts.shard(index)} done in {seconds:.1f} s on {where}")
    return failures


def merge(asked, parts):
    words = [asked.binary, "merge"] + [str(parts.path(index)) for index in range(1, parts.count + 1)]
    words += ["--json"] if asked.json else []
    words += ["--csv", str(asked.csv)] if asked.csv else []
    words += ["--html", str(asked.html)] if asked.html else []
    code = subprocess.run(words, stdin=subprocess.DEVNULL).returncode
    # A part that lost whole lines looks whole until the runs are counted, which is the engine's to do.
    if code not in (0, 1):
        say(f"merge refused the parts: remove those that it names, or {parts.directory}, and start again")
    return code if code >= 0 else LATER


def main():
    asked, passed = options(sys.argv[1:])
    for name in ("out", "csv", "html"):
        if getattr(asked, name):
            setattr(asked, name, getattr(asked, name).absolute())
    if asked.ship:
        try:
            os.chdir(asked.ship)
        except OSError as trouble:
            fail(f"--ship {asked.ship}: {trouble.strerror}; give the directory that workers shall have")
    command = [asked.binary, "compare", *passed]
    terms = expected_terms(command)
    parts = Parts(asked.out, asked.shards, terms)
    indices = parts.missing()
    if len(indices) < parts.count:
        say(f"{parts.count - len(indices)} of {parts.count} shards are in {parts.directory} already")
    if indices:
        with complaining():
            failures = run_missing(asked, [*command, "--jobs", str(asked.cpus)], parts, indices)
        if failures:
            numbers = ", ".join(str(index) for index in sorted(failures))
            fail(f"shards {numbers} of {parts.count} failed; the same command tries those again", LATER)
    return merge(asked, parts)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        say("stopped; the same command goes on where it was")
        sys.exit(STOPPED)
