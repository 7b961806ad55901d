#!/usr/bin/env python3
"""A comparison in shards on a local Ray cluster, processes killed, byte for byte against a single run.

Called by test.sh, in its virtual environment and from the top of the tree.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RECKON = os.environ.get("RECKON", ".build/release/reckon-simulate")
DRIVER = str(Path(__file__).with_name("compare.py"))
WORDS = ["--policy", "policies/baseline", "--policy", "policies/steady"]
WORDS += ["--scenario", "lost-acks", "--seeds", "1..8", "--hours", "0.5"]
SHARDS = 4
# Only a test that fails waits so long.
PATIENCE = 180


def processes():
    """Number → parent, state and words of all processes that can be read."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            words = entry.joinpath("cmdline").read_bytes().decode(errors="replace").split("\0")
            # The name in brackets may hold anything, blanks too.
            state, parent = entry.joinpath("stat").read_text().rsplit(")", 1)[1].split()[:2]
        except OSError:
            continue
        found[int(entry.name)] = (int(parent), state, words)
    return found


def wait(what, condition):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.01)
    sys.exit(f"Failed: waited {PATIENCE} s for {what}")


def freeze(number):
    """Stops a process so that it cannot end before it is killed; whether it was still there."""
    try:
        os.kill(number, signal.SIGSTOP)
    except ProcessLookupError:
        return False
    return wait(f"process {number} to stop", lambda: processes().get(number, (0, "Z", []))[1] in "TZ") and (
        processes().get(number, (0, "Z", []))[1] == "T"
    )


def gone(number):
    return processes().get(number, (0, "Z", []))[1] == "Z"


class Killer:
    """Kills one process of each kind, each at a shard of its own, while a seed of it is being run."""

    def __init__(self, folder):
        self.folder = folder
        self.left = {"2/4": self.worker, "3/4": self.command, "4/4": self.seed}
        self.killed = {}

    def look(self):
        """One look at all processes; whether all kills are done."""
        found = processes()
        for number, (parent, _, words) in found.items():
            if words[0] != RECKON or "compare" not in words or not any(self.folder in word for word in words):
                continue
            shard = words[words.index("--shard") + 1]
            seeds = [child for child, (above, _, _) in found.items() if above == number]
            if shard in self.left and seeds and self.left[shard](parent, number, seeds[0]):
                del self.left[shard]
        return not self.left

    def worker(self, worker, command, _):
        if not freeze(command):
            return False
        name = processes()[worker][2][0]
        if not name.startswith("ray::"):
            sys.exit(f"Failed: the parent of the command is {name!r} and no worker of Ray")
        os.kill(worker, signal.SIGKILL)
        wait("the killed worker's command to end with it", lambda: gone(command))
        self.killed["worker"] = worker
        return True

    def command(self, _, command, __):
        if not freeze(command):
            return False
        os.kill(command, signal.SIGKILL)
        self.killed["command"] = command
        return True

    def seed(self, _, __, seed):
        if not freeze(seed):
            return False
        os.kill(seed, signal.SIGKILL)
        self.killed["seed"] = seed
        return True


class Test:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.parts = self.folder / "parts"
        # All that Ray and the driver start can be told by it.
        self.environment = {**os.environ, "TMPDIR": folder, "RAY_TMPDIR": folder}

    def reports(self, name):
        """Words that write all three kinds of report, and where."""
        files = [self.folder / f"{name}.{kind}" for kind in ("json", "csv", "html")]
        return ["--json", "--csv", str(files[1]), "--html", str(files[2])], files

    def drive(self, name, words=WORDS, killer=None):
        """One start of the driver: exit code, what it said, and its reports."""
        reports, files = self.reports(name)
        own = ["--binary", RECKON, "--shards", str(SHARDS), "--out", str(self.parts), *reports]
        complaints = self.folder / f"{name}.err"
        with open(files[0], "wb") as out, open(complaints, "wb") as err:
            driver = subprocess.Popen(
                [sys.executable, DRIVER, *own, "--", *words], stdout=out, stderr=err, env=self.environment
            )
            try:
                if killer:
                    wait("shards to kill", lambda: killer.look() or driver.poll() is not None)
                code = driver.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                sys.exit(f"Failed: the driver took more than {PATIENCE} s\n{complaints.read_text()}")
            finally:
                driver.kill()
        return code, complaints.read_text(), files

    def single(self):
        reports, files = self.reports("single")
        with open(files[0], "wb") as out:
            subprocess.run([RECKON, "compare", *WORDS, *reports], stdout=out, check=False)
        return files

    def leftovers(self):
        """Processes that were started with this test's folder and still run."""
        mark = f"TMPDIR={self.folder}".encode()
        found = []
        for number, (_, state, words) in processes().items():
            try:
                if state != "Z" and mark in Path(f"/proc/{number}/environ").read_bytes():
                    found.append(f"{number} {' '.join(words)[:80]}")
            except OSError:
                continue
        return found


def check(holds, what, detail=""):
    if not holds:
        sys.exit(f"Failed: {what}\n{detail}")
    print(f"ok: {what}", flush=True)


def same(ones, others):
    return all(one.read_bytes() == other.read_bytes() for one, other in zip(ones, others))


def orphan(folder):
    """Whether a command ends with the process that waits for it, without Ray's help."""
    source = f"import sys; sys.path.insert(0, {os.path.dirname(DRIVER)!r}); import compare; "
    words = [RECKON, "compare", *WORDS[:-1], "50"]
    source += f"compare.attempt({words!r}, '1/1', {folder!r})"
    waiting = subprocess.Popen([sys.executable, "-B", "-c", source])

    def command():
        found = processes()
        above = {parent for parent, _, _ in found.values()}
        mine = [number for number, (parent, _, _) in found.items() if parent == waiting.pid]
        return [number for number in mine if number in above and found[number][2][0] == RECKON]

    number = wait("a command with a seed", command)[0]
    waiting.kill()
    waiting.wait()
    # By itself it would end after minutes.
    end = time.monotonic() + 20
    while not gone(number) and time.monotonic() < end:
        time.sleep(0.05)
    if not gone(number):
        os.kill(number, signal.SIGKILL)
        return False
    return True


def main():
    with tempfile.TemporaryDirectory(prefix="rk-") as folder:
        test = Test(folder)
        single = test.single()
        check(all(file.stat().st_size > 1000 for file in single), "the single run wrote its reports")

        check(orphan(folder), "a command ends with its worker, even without Ray's help")

        killer = Killer(folder)
        began = time.monotonic()
        code, said, merged = test.drive("killed", killer=killer)
        spent = time.monotonic() - began
        check(not killer.left, f"killed by -9: {killer.killed}", said)
        check(code == 0, f"the driver survived them, {spent:.0f} s", said)
        again = next(line for line in said.splitlines() if line.startswith("shard 2/4 done"))
        check(not again.endswith(f"process {killer.killed['worker']}"), f"another worker did it: {again}")
        check(same(single, merged), "json, csv and html are those of the single run, to the byte")

        code, said, merged = test.drive("kept")
        check("4 of 4 shards are in" in said and "done in" not in said, "a second start runs nothing", said)
        check(code == 0 and same(single, merged), "and gives the same bytes")

        part = test.parts / "3-of-4.part"
        part.write_bytes(part.read_bytes()[:-20])
        code, said, merged = test.drive("cut")
        check(
            said.count("done in") == 1 and "shard 3/4 done" in said,
            "only a part that was cut is run again",
            said,
        )
        check(code == 0 and same(single, merged), "and gives the same bytes")

        other = [word if word != "1..8" else "1..9" for word in WORDS]
        code, said, _ = test.drive("other", other)
        check(code == 64 and "seeds differ" in said, "parts of other seeds are refused", said)
        code, said, _ = test.drive("wrong", [*WORDS, "--set", "b.nothing=1"])
        check(
            code == 64 and "no parameter `nothing`" in said, "wrong words are refused before Ray starts", said
        )

        wait("Ray's processes to end", lambda: not test.leftovers())
        check(True, "no process is left")


if __name__ == "__main__":
    main()
