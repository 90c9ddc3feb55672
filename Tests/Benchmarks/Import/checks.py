"""What each check costs: the same import with everything switched on, and again with one thing after the other left out.

A connection is published, and read again with one item in a hundred changed; the second run is measured, from its claim
to its receipt. Rounds are interleaved. The source is edited all the time, so that its keys are swept a second time; the
shop lists its keys, so that they are read back; each run has a list of must-have items, all limits, and a receipt.
"""

import os
import shutil
import statistics
import sys

import candidates
import pages
from promises import judge
from shop import Shop

# What is left out, and what of the arrangement is otherwise for it.
LEFT_OUT = [
    ("second key sweep", {"busy": False}),
    ("read-back of keys", {"keys": False}),
    ("must-have items (1,000)", {"must_have": 0}),
    ("drop guard and control totals", {"limits": "off"}),
    ("receipt", {"receipts": "off"}),
    ("all of these", {"busy": False, "keys": False, "must_have": 0, "limits": "off", "receipts": "off"}),
]

STEPS = [
    ("pre-flight and first count", "claimed", "importer.staging.created"),
    ("reading, mapping, staging", "importer.staging.created", "importer.page.staged"),
    ("seal: order, distinct keys, digest", "importer.page.staged", "importer.staging.sealed"),
    ("second count, sweep, evidence, verdict", "importer.staging.sealed", "importer.judged"),
    ("comparison with the shop", "importer.judged", "importer.compared"),
    ("upload of what changed", "importer.compared", "importer.uploaded"),
    ("commit", "importer.uploaded", "importer.commit.recorded"),
    ("adoption", "importer.commit.recorded", "importer.adopted"),
    ("read-back", "importer.adopted", "importer.readBack.compared"),
    ("end and report", "importer.readBack.compared", "reported"),
    ("receipt", "reported", "receipt"),
]


class Arrangement:
    def __init__(self, work, server, count):
        self.work, self.server, self.count = work, server, count
        folder = os.path.join(work, "pages")
        self.same, self.changed = "sorted-%d-1000" % count, "hundredth-%d-1000" % count
        pages.render(os.path.join(folder, self.same), count, 1000)
        pages.render(os.path.join(folder, self.changed), count, 1000, changed_every=100, changed_max=count)
        pages.render_keys(os.path.join(folder, self.changed), count, 5000)
        self.keys = os.path.join(work, "shop-keys-%d" % count)
        pages.render_shop_keys(self.keys, count)

    def run(self, binary, busy=True, keys=True, must_have=1000, limits="on", receipts="on"):
        """The marks of the second run."""
        shop = Shop(self.keys if keys else None)
        options = ["must-have=%d" % must_have, "items=%d" % self.count, "limits=" + limits, "receipts=" + receipts]
        program = candidates.Candidate(
            "Sluice",
            lambda source, folder, page_size, server: [binary, folder, shop.url, "1000", "end"] + options + [
                source, server.source(self.changed, busy=busy)], "", "")
        place = os.path.join(self.work, "run")
        try:
            result = program.run(place, self.server, self.same, 1000)
        finally:
            shop.shutdown()
            shop.server_close()
            shutil.rmtree(place, ignore_errors=True)
        passed = {mark["step"]: mark for mark in result["marks"] if mark["run"] == 2}
        if not result["outcome"].startswith("published"):
            raise RuntimeError("the run ended as %s" % result["outcome"])
        if busy and "importer.page.swept" not in passed:
            # Two looks at the source in the same millisecond of their seconds: once in a thousand.
            return self.run(binary, busy, keys, must_have, limits, receipts)
        if busy != ("importer.page.swept" in passed) or keys != ("importer.readBack.page" in passed):
            raise RuntimeError("what was arranged did not take place: %s" % sorted(passed))
        return passed, result["peakKB"]


def span(passed, clock, first="claimed", last=None):
    last = last or ("receipt" if "receipt" in passed else "reported")
    return passed[last][clock] - passed[first][clock]


def measure_checks(binary, server, work, count, rounds=5):
    arrangement = Arrangement(work, server, count)
    variants = [("everything on", {})] + LEFT_OUT
    runs = {name: [] for name, _ in variants}
    for number in range(rounds):
        turn = number % len(variants)
        for name, otherwise in variants[turn:] + variants[:turn]:
            runs[name].append(arrangement.run(binary, **otherwise))
    print("\nWhat the checks cost: %d items in pages of 1000, one in a hundred changed; load %.1f, %d rounds" % (
        count, os.getloadavg()[0], rounds))
    show_checks(runs)
    show_steps(runs["everything on"])
    show_targets(runs, count)
    sys.stdout.flush()
    return {"case": "checks %d" % count, "runs": runs}


def show_checks(runs):
    whole = {clock: statistics.median(span(passed, clock) for passed, _ in runs["everything on"]) for clock in ("wall", "cpu")}
    print("From claim to receipt with everything on: %.0f ms, processor %.0f ms; peak memory %.0f MB" % (
        whole["wall"] * 1000, whole["cpu"] * 1000, max(peak for _, peak in runs["everything on"]) / 1024))
    print("| what it costs (with it, less without it)   | processor ms | least, most | of the run | wall ms | |")
    print("|---|---|---|---|---|---|")
    for name, _ in LEFT_OUT:
        pairs = list(zip(runs["everything on"], runs[name]))
        cpu = sorted(span(on[0], "cpu") - span(off[0], "cpu") for on, off in pairs)
        wall = statistics.median(span(on[0], "wall") - span(off[0], "wall") for on, off in pairs)
        median = statistics.median(cpu)
        share = median / whole["cpu"]
        # Below the spread of the measure itself nothing can be said but that it is small.
        word = "see README" if share > 0.1 else "within the noise" if cpu[0] <= 0 <= cpu[-1] else "below a tenth"
        print("| %-42s | %.0f | %.0f, %.0f | %.1f %% | %.0f | %s |" % (
            name, median * 1000, cpu[0] * 1000, cpu[-1] * 1000, share * 100, wall * 1000, word))


def show_steps(runs):
    """The steps of a run with everything on: what cannot be left out is seen here."""
    print("| step, everything on | processor ms | of the run | wall ms |")
    print("|---|---|---|---|")
    whole = statistics.median(span(passed, "cpu") for passed, _ in runs)
    for name, first, last in STEPS:
        cpu = statistics.median(span(passed, "cpu", first, last) for passed, _ in runs)
        wall = statistics.median(span(passed, "wall", first, last) for passed, _ in runs)
        print("| %-42s | %.1f | %.1f %% | %.1f |" % (name, cpu * 1000, cpu / whole * 100, wall * 1000))


def show_targets(runs, count):
    """What performance.md promises of these parts, for a million items and 10,000 changes; with fewer it says little."""
    still = runs["second key sweep"]
    figures = [
        ("verify and delta, no sweep, wall s", still, "wall", "importer.page.staged", "importer.compared", 0.7, 1.5),
        ("upload of the changes, processor s", still, "cpu", "importer.compared", "importer.uploaded", 0.2, 0.5),
    ]
    print("| promised for a million items, 10,000 changes | with %d | target | floor | |" % count)
    print("|---|---|---|---|---|")
    lines = [
        (name, statistics.median(span(passed, clock, first, last) for passed, _ in chosen), target, floor)
        for name, chosen, clock, first, last, target, floor in figures]
    lines.append(("peak memory, monitor included, MB", max(peak for all in runs.values() for _, peak in all) / 1024, 48, 64))
    for name, value, target, floor in lines:
        print("| %-44s | %.2f | %s | %s | %s |" % (name, value, target, floor, judge(name, value, target, floor)))
