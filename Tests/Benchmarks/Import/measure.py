#!/usr/bin/env python3
"""Measures the import against its peers, in interleaved rounds. README.md says what is compared.

measure.py --ours BINARY [--part NAME …] [--without PEER …] [--rounds N] [--work FOLDER] [--json FILE]
measure.py --names        the parts there are
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import sys
import tempfile

import candidates
import changes
import checks
import million
import pages
import promises
from promises import judge
from server import SEARCHED, Server

# Ratio of wall times to the product's, as performance.md has them: at most for the limit, at least for the peers.
BOUNDS = {"C": (1.3, 2.0), "requests + json": (6, 3), "requests + orjson": (3, 2), "dlt": (30, 15)}
PEAK_MB = (48, 64)


class Case:
    def __init__(self, count, page_size, shuffled=False, milliseconds=0, peers=("C", "requests + json"), rounds=None):
        self.count, self.page_size, self.shuffled, self.milliseconds = count, page_size, shuffled, milliseconds
        self.peers, self.rounds = peers, rounds

    @property
    def pages(self):
        return "%s-%d-%d" % ("random" if self.shuffled else "sorted", self.count, self.page_size)

    @property
    def title(self):
        size = "one page" if self.page_size == self.count else "page %d" % self.page_size
        return "%d items, %s, keys %s, latency %d ms" % (
            self.count, size, "random" if self.shuffled else "sorted", self.milliseconds)


ALL = ("C", "C with evidence", "requests + json", "requests + orjson", "dlt")
PARTS = {
    "quick": [Case(100_000, 1000)],
    "small": [Case(100_000, 1000, peers=ALL), Case(100_000, 100), Case(100_000, 1000, True), Case(100_000, 100_000)],
    "large": [Case(1_000_000, 1000, peers=("C", "C with evidence")), Case(1_000_000, 1000, True, peers=("C",))],
    "large-pages": [Case(1_000_000, 100, peers=("C",)), Case(1_000_000, 1_000_000, peers=("C",), rounds=1)],
    "large-python": [Case(1_000_000, 1000, peers=("C", "requests + json", "requests + orjson"), rounds=1)],
    "large-dlt": [Case(1_000_000, 1000, peers=("dlt",), rounds=1)],
    "latency": [Case(100_000, 1000, milliseconds=20, peers=("C",)), Case(100_000, 100, milliseconds=20, peers=("C",), rounds=1)],
}


# As the command line names them.
PEERS = {
    "limit": ("C", "C with evidence"), "json": ("requests + json",), "orjson": ("requests + orjson",), "dlt": ("dlt",)}

DEFAULT = ["small", "large", "large-pages", "large-python", "large-dlt", "latency", "delta", "failure", "refusal", "checks", "million"]

# Parts that are no comparison with peers.
OTHER = {
    "delta-small": lambda *given: changes.measure_delta(*given, 100_000),
    "delta": lambda *given: changes.measure_delta(*given, 1_000_000),
    "failure-small": lambda *given: changes.measure_failure(*given, 100_000),
    "failure": lambda *given: changes.measure_failure(*given, 1_000_000),
    "refusal-small": lambda *given: changes.measure_refusal(*given, 100_000),
    "refusal": lambda *given: changes.measure_refusal(*given, 1_000_000),
    "million-small": lambda *given: million.measure_million(*given, 100_000),
    "million": lambda *given: million.measure_million(*given, 1_000_000),
    "checks": lambda *given: checks.measure_checks(*given, 100_000),
    "checks-large": lambda *given: checks.measure_checks(*given, 1_000_000, rounds=3),
}


def measure(case, programs, server, work, rounds):
    """One case in interleaved rounds; checks that every program ended with the same keys."""
    folder = os.path.join(work, "pages", case.pages)
    size = pages.render(folder, case.count, case.page_size, case.shuffled)
    chosen = [program for program in programs if program.name == "Sluice" or program.name in case.peers]
    runs, keys, disk = {program.name: [] for program in chosen}, set(), {}
    for number in range(case.rounds or rounds):
        order = chosen[number % len(chosen):] + chosen[:number % len(chosen)]
        for program in order:
            place = os.path.join(work, "run")
            result = program.run(place, server, case.pages, case.page_size, case.milliseconds)
            if not result["complete"] or result["distinct"] != case.count:
                raise RuntimeError("%s: %s ended with %s" % (case.title, program.name, result))
            if number == 0:
                disk[program.name], key_hash = program.staged(place)
                keys.add(key_hash)
            runs[program.name].append(result)
            shutil.rmtree(place)
    if len(keys) != 1:
        raise RuntimeError("%s: the programs ended with different keys" % case.title)
    return {"case": case.title, "bytes": size, "keys": keys.pop(), "runs": runs, "disk": disk}


def show(outcome):
    print("\n%s (%.0f bytes an item; all ended with keys %s…)" % (
        outcome["case"], outcome["bytes"] / int(outcome["case"].split()[0]), outcome["keys"][:12]))
    print("| %-18s | wall s (least, most) | cpu s | peak MB | disk MB | ratio | of cpu | target | floor | |" % "")
    print("|---|---|---|---|---|---|---|---|---|---|")
    own, own_cpu = (statistics.median(run[of] for run in outcome["runs"]["Sluice"]) for of in ("wall", "cpu"))
    for name, runs in outcome["runs"].items():
        walls = sorted(run["wall"] for run in runs)
        wall, peak = statistics.median(walls), max(run["peakKB"] for run in runs) / 1024
        cpu = statistics.median(run["cpu"] for run in runs)
        ratio, of_cpu, target, floor, word = "", "", "", "", ""
        if name == "Sluice":
            word = "peak " + judge("%s, peak MB" % outcome["case"], peak, *PEAK_MB)
        else:
            value, of_cpu = (own / wall, own_cpu / cpu) if name.startswith("C") else (wall / own, cpu / own_cpu)
            ratio, of_cpu = "%.2f" % value, "%.2f" % of_cpu
            if name in BOUNDS:
                target, floor = BOUNDS[name]
                word = judge("%s, %s" % (outcome["case"], name), value, target, floor)
        print("| %-18s | %.2f (%.2f, %.2f) | %.2f | %.0f | %.0f | %s | %s | %s | %s | %s |" % (
            name, wall, walls[0], walls[-1], cpu, peak, outcome["disk"][name] / 1e6, ratio, of_cpu, target, floor, word))
    sys.stdout.flush()


def main():
    if "--names" in sys.argv[1:]:
        return print(*PARTS, *OTHER)
    options = argparse.ArgumentParser()
    options.add_argument("--ours", required=True)
    options.add_argument("--part", nargs="+", default=DEFAULT, choices=sorted(PARTS) + sorted(OTHER))
    options.add_argument("--without", nargs="+", default=[], choices=sorted(PEERS), help="leave this peer out")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--work", help="kept; without it a folder of its own is thrown away")
    options.add_argument(
        "--venv", default=os.path.join(candidates.HERE, "..", ".build", "python-peers"),
        help="where the peers in Python are, or will be, installed")
    options.add_argument("--json")
    options = options.parse_args()
    sys.stdout.reconfigure(line_buffering=True)
    if not shutil.which("nginx", path=SEARCHED):
        sys.exit("SKIPPED: the import is not measured, there is no nginx to serve its pages")
    work = options.work or tempfile.mkdtemp(prefix="sluice-import-")
    os.makedirs(work, exist_ok=True)
    os.chmod(work, 0o755)  # nginx started by root reads as another user
    try:
        programs = [candidates.ours(os.path.abspath(options.ours)), candidates.limit(work), candidates.limit(work, True)]
        interpreter = candidates.python_peers(options.venv)
        if interpreter:
            programs += [
                candidates.plain_python(interpreter, "json"), candidates.plain_python(interpreter, "orjson"),
                candidates.dlt(interpreter)]
        left_out = [name for peer in options.without for name in PEERS[peer]]
        programs = [program for program in programs if program.name not in left_out]
        print("%s, %d processors; load %.1f; ratio: Sluice / C, and peer / Sluice" % (
            platform.platform(), os.cpu_count(), os.getloadavg()[0]))
        outcomes = []
        with Server(work, os.path.join(work, "pages")) as server:
            for part in [part for part in options.part if part in OTHER]:
                outcomes.append(OTHER[part](os.path.abspath(options.ours), server, work))
            for case in [case for part in options.part for case in PARTS.get(part, [])]:
                if case.milliseconds and not server.can_wait:
                    print("SKIPPED: %s: nginx has no echo module (libnginx-mod-http-echo) to wait with" % case.title)
                    continue
                outcomes.append(measure(case, programs, server, work, options.rounds))
                show(outcomes[-1])
        if options.json:
            with open(options.json, "w") as file:
                json.dump(outcomes, file, indent=1)
    finally:
        if not options.work:
            shutil.rmtree(work, ignore_errors=True)
    if promises.missed:
        sys.exit("\n%d BELOW THE FLOOR, which are defects:\n  %s" % (
            len(promises.missed), "\n  ".join(promises.missed)))


main()
