"""What follows the reading: comparing and publishing a second and a third run, and clearing up after one that fails."""

import os
import shutil
import sqlite3
import threading
import time

import candidates
import pages
from promises import judge
from shop import Shop

CHANGED = 10_000


def marks(result, run):
    return {mark["step"]: mark for mark in result["marks"] if mark["run"] == run}


def between(passed, first, last, clock="wall"):
    return passed[last][clock] - passed[first][clock]


HEAD = "| | wall s | cpu s | target | floor | |\n|---|---|---|---|---|---|"


def row(name, passed, first, last, target="", floor="", judged="wall"):
    """One line; where the machine is shared, the processor's time is the figure to compare."""
    figures = {clock: between(passed, first, last, clock) for clock in ("wall", "cpu")}
    word = judge(name, figures[judged], target, floor) if target else ""
    return "| %-55s | %.3f | %.3f | %s | %s | %s |" % (name, figures["wall"], figures["cpu"], target, floor, word)


def measure_delta(binary, server, work, count):
    """Three runs of one connection: everything, nothing new, and 10,000 prices changed."""
    same, changed = "sorted-%d-1000" % count, "changed-%d-1000" % count
    pages.render(os.path.join(work, "pages", same), count, 1000)
    pages.render(
        os.path.join(work, "pages", changed), count, 1000, changed_every=max(count // CHANGED, 1), changed_max=CHANGED)
    shop = Shop()
    program = candidates.ours(binary, "end", shop.url)
    several = candidates.Candidate(
        program.name,
        lambda source, folder, page_size, server: program.command(source, folder, page_size, server) + [
            server.source(same), server.source(changed)], program.file, program.query)
    result = several.run(os.path.join(work, "run"), server, same, 1000)
    first, second, third = marks(result, 1), marks(result, 2), marks(result, 3)
    changes = result["outcome"], shop.chunks
    print("\nOne connection, %d items: published, read again unchanged, read again with %d prices changed (%s)" % (
        count, CHANGED, result["outcome"]))
    print(HEAD)
    for name, passed in (("unchanged", second), ("%d changed" % CHANGED, third)):
        print(row("seal (index, counts, digest), " + name, passed, "importer.page.staged", "importer.staging.sealed"))
        print(row("evidence and verdict, " + name, passed, "importer.staging.sealed", "importer.judged"))
        print(row("comparison, " + name, passed, "importer.judged", "importer.compared"))
        print(row("verify and delta together, " + name, passed, "importer.page.staged", "importer.compared", 0.7, 1.5))
    print(row("publish the changes", third, "importer.compared", "importer.uploaded", 0.2, 0.5, "cpu"))
    print(row("adopt the changes", third, "importer.commit.recorded", "staging.adopt.committed"))
    print(row("first comparison (all is new)", first, "importer.judged", "importer.compared"))
    print(row("first upload, all rows", first, "importer.compared", "importer.uploaded"))
    print(row("first adoption", first, "importer.commit.recorded", "staging.adopt.committed"))
    print("Peak memory %.0f MB over the three runs; %d chunks sent in all." % (result["peakKB"] / 1024, shop.chunks))
    shop.shutdown()
    shutil.rmtree(os.path.join(work, "run"))
    return {"case": "delta %d" % count, "result": result, "outcome": changes}


class Writer(threading.Thread):
    """Writes to the importer's own database all the while, as another run of it would, and notes each commit."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path, self.commits, self.ends = path, [], False

    def run(self):
        while not os.path.exists(self.path) and not self.ends:
            time.sleep(0.005)
        time.sleep(0.2)
        database = sqlite3.connect(self.path, timeout=10, isolation_level=None)
        database.execute("PRAGMA synchronous = FULL")
        database.execute("CREATE TABLE IF NOT EXISTS bench(id INTEGER PRIMARY KEY, at REAL)")
        while not self.ends:
            start = time.monotonic()
            database.execute("INSERT INTO bench(at) VALUES(?)", (start,))
            self.commits.append((start, time.monotonic() - start))
            time.sleep(0.002)
        database.close()


def measure_failure(binary, server, work, count):
    """A run whose last page is not there."""
    name = "lost-%d-1000" % count
    pages.render(os.path.join(work, "pages", name), count, 1000, lost_page=count // 1000)
    folder = os.path.join(work, "run")
    program = candidates.ours(binary, "end")
    shutil.rmtree(folder, ignore_errors=True)
    writer = Writer(os.path.join(folder, "importer.sqlite"))
    writer.start()
    result = program.run(folder, server, name, 1000)
    ended = time.monotonic()
    writer.ends = True
    writer.join()
    passed = marks(result, 1)
    # Marks count from the start of the process; its end is known on both clocks.
    begun = ended - (passed["reported"]["wall"] - passed["importer.page.staged"]["wall"]) - 0.05
    blocks = [took for start, took in writer.commits if start + took >= begun]
    print("\nA run of %d items that fails at its last page (%s)" % (count, result["outcome"]))
    print(HEAD)
    print(row("from the fault to nothing left", passed, "importer.page.staged", "importer.left", 1, 1))
    longest = max(blocks, default=0)
    name = "longest wait of another writer meanwhile"
    print("| %-55s | %.3f | | 0.05 | 0.05 | %s |" % (name, longest, judge(name, longest, 0.05, 0.05)))
    print("| %-55s | %.3f | | | | |" % (
        "its longest wait over the whole run (%d commits)" % len(writer.commits),
        max((took for _, took in writer.commits), default=0)))
    left = os.listdir(os.path.join(folder, "staging"))
    if left:
        raise RuntimeError("the failed run left %s" % left)
    shutil.rmtree(folder)
    return {"case": "failure %d" % count, "result": result, "blocks": blocks}


def measure_refusal(binary, server, work, count):
    """A source that lists one item less than it counts: all is read, nothing is published, and all is thrown away."""
    name, short = "sorted-%d-1000" % count, "short-%d-1000" % count
    folder = os.path.join(work, "pages")
    pages.render(os.path.join(folder, name), count, 1000)
    pages.miscount(os.path.join(folder, short), os.path.join(folder, name))
    place = os.path.join(work, "run")
    result = candidates.ours(binary, "end").run(place, server, short, 1000)
    passed = marks(result, 1)
    if not result["outcome"].startswith("refused"):
        raise RuntimeError("a run that lacks an item ended as %s" % result["outcome"])
    left = os.listdir(os.path.join(place, "staging"))
    if left:
        raise RuntimeError("the refused run left %s" % left)
    print("\nA run of %d items that is refused (%s)" % (count, result["outcome"]))
    print(HEAD)
    print(row("from the verdict to its report in the journal", passed, "importer.judged", "importer.report.recorded"))
    print(row("all that was staged thrown away", passed, "importer.report.recorded", "importer.left", 0.1, 1))
    print(row("from the verdict to the report delivered", passed, "importer.judged", "reported", 0.2, 1))
    shutil.rmtree(place)
    return {"case": "refusal %d" % count, "result": result}
