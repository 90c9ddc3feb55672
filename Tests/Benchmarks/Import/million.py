"""Imports in the real services, as compose/up starts them: from the pre-flight to a receipt that `sluice verify` agrees with.

The source is nginx over TLS, the shop the sandbox's. Page size is the source's: what is asked for does not matter to it.
"""

import datetime
import json
import os
import shutil
import socket
import subprocess
import sys

import pages
from server import Server

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", ".."))
PORTS = ["SCHEDULER", "IMPORTER", "MONITOR", "NOTIFIER", "BILLING", "SANDBOX", "SANDBOX_HTTPS", "SANDBOX_SMTP"]
PEAK_MB = (48, 64)
CONNECTION = "Source > Shop"


class Installation:
    """Runs until its `with` ends."""

    def __init__(self, folder, binaries):
        self.state = os.path.join(folder, "state")
        shutil.rmtree(self.state, ignore_errors=True)
        os.makedirs(self.state + "/settings")
        self.environment = dict(os.environ, SLUICE_STATE=self.state, SLUICE_BINARIES=binaries, LANG="en_GB.UTF-8")
        sockets = [socket.socket() for _ in PORTS]
        for name, free in zip(PORTS, sockets):
            free.bind(("127.0.0.1", 0))
            self.environment["SLUICE_PORT_" + name] = str(free.getsockname()[1])
        for free in sockets:
            free.close()
        with open(self.state + "/settings/importer.env", "w") as file:
            file.write("IMPORTER_CLAIM_SECONDS=1\n")

    def __enter__(self):
        self.compose("up")
        return self

    def __exit__(self, *_):
        self.compose("down", "--wipe")

    def compose(self, command, *arguments, input=None, accepted=(0,)):
        done = subprocess.run(
            [os.path.join(ROOT, "compose", command), *arguments], env=self.environment, input=input, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode not in accepted:
            raise RuntimeError("%s %s: %s%s" % (command, " ".join(arguments), done.stdout[-2000:], done.stderr[-2000:]))
        return done.stdout

    def sluice(self, *arguments, input=None, accepted=(0,)):
        return self.compose("sluice", *arguments, input=input, accepted=accepted)

    def source(self, folder, pages):
        """nginx with a certificate the importer trusts."""
        certificate = os.path.join(self.state, "certificates", "https")
        return Server(folder, pages, certificate + ".pem", certificate + ".key")

    def connect(self, source):
        """One merchant with one connection from `source` to a shop of the sandbox."""
        shop = {"name": "shop", "kind": "genericWebshop", "requestsPerSecond": 100_000}
        self.sluice("call", "sandbox.createSystem", json.dumps(shop))
        self.sluice("merchant", "create", "Million ApS", "--speaks", "en")
        add = ["system", "add", "--merchant", "Million"]
        self.sluice(
            *add, "--name", "Source", "--kind", "sapBusinessOne", "--url", source, "--option", "companyDatabase=BENCH",
            "--user", "bench", input="bench\n")
        address = "https://localhost:%s/shop" % self.environment["SLUICE_PORT_SANDBOX_HTTPS"]
        self.sluice(*add, "--name", "Shop", "--kind", "genericWebshop", "--url", address, input="wsk_sandbox\n")
        self.sluice(
            "connection", "create", "--merchant", "Million", "--source", "Source", "--target", "Shop",
            "--price-list", "1=retail", "--price-list", "2=dealer", "--price-list", "3=web", "--warehouse", "01=main",
            "--page-size", "1000", "--manual")

    def run(self):
        """Imports once: the run as the scheduler describes it."""
        answer = self.sluice(
            "run", "start", CONNECTION, "--reason", "benchmark", "--json", "--timeout", "1800", accepted=(0, 2))
        return json.loads(answer)["run"]

    def process(self, service):
        with open("%s/run/%s.pid" % (self.state, service)) as file:
            return int(file.readline())

    def forget_published(self):
        """As if another importer had the connection until now."""
        os.kill(self.process("importer"), 15)
        while os.path.exists("/proc/%d" % self.process("importer")):
            pass
        shutil.rmtree(self.state + "/data/importer/published")
        self.compose("up")

    def verify_receipts(self):
        """The whole chain, with the public key alone."""
        for words, name in ((["export", CONNECTION], "receipts"), (["key"], "receipt.key")):
            with open(os.path.join(self.state, name), "w") as file:
                file.write(self.sluice("receipt", *words))
        return self.sluice(
            "verify", "receipt", self.state + "/receipts", "--key", self.state + "/receipt.key").splitlines()[0]


class Peak:
    """The most memory a process has resident from now on (`VmHWM`)."""

    def __init__(self, process):
        self.process = process
        with open("/proc/%d/clear_refs" % process, "w") as file:
            file.write("5")

    @property
    def megabytes(self):
        return resident(self.process, "VmHWM")


def resident(process, line):
    """Megabytes of a line of /proc/PID/status."""
    with open("/proc/%d/status" % process) as file:
        return next(int(text.split()[1]) for text in file if text.startswith(line)) / 1024


def processor_seconds(process):
    with open("/proc/%d/stat" % process) as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def seconds(run):
    start, end = (datetime.datetime.fromisoformat(run[of].replace("Z", "+00:00")) for of in ("startedAt", "finishedAt"))
    return (end - start).total_seconds()


def render(folder, count):
    """The sets of pages, by what is different in them."""
    sets = {}
    for changed in (False, True):
        for size in (100, 1000, count):
            # Only those that are used.
            if (changed, size) in ((False, 1000), (True, 1000), (False, 100), (True, count)):
                name = "%s-%d-%d" % ("hundredth" if changed else "sorted", count, size)
                pages.render(
                    os.path.join(folder, name), count, size, changed_every=100 if changed else 0,
                    changed_max=count if changed else 0)
                sets[changed, size] = name
    short = "short-%d-1000" % count
    pages.miscount(os.path.join(folder, short), os.path.join(folder, sets[False, 1000]))
    return sets, short


def show(folder, name):
    """What the source serves from now on."""
    path = os.path.join(folder, "live")
    if os.path.lexists(path + ".new"):
        os.remove(path + ".new")
    os.symlink(os.path.join(folder, name), path + ".new")
    os.replace(path + ".new", path)


def measure_million(binary, _, work, count):
    folder = os.path.join(work, "pages")
    sets, short = render(folder, count)
    cases = [
        ("page 1000, first publish: every row is sent", sets[False, 1000], "published", False),
        ("page 1000, nothing changed", sets[False, 1000], "unchanged", False),
        ("page 1000, one in a hundred changed", sets[True, 1000], "published", False),
        ("page 100, one in a hundred changed", sets[False, 100], "published", False),
        ("one page of %d MB, one in a hundred changed" % (count * 383 // 1_000_000), sets[True, count], "published", False),
        ("after another importer: the shop's list, every row", sets[False, 1000], "published", True),
        ("page 1000, lacks one item: refused", short, "refused", False),
    ]
    print("\n%d items in the real services, from the claim to the report; load %.1f" % (count, os.getloadavg()[0]))
    print("| %-52s | s | importer cpu s | importer peak MB | monitor peak MB | target | floor | |" % "")
    print("|---|---|---|---|---|---|---|---|")
    outcome = []
    place = os.path.join(work, "million")
    with Installation(place, os.path.dirname(binary)) as installation, installation.source(place, folder) as source:
        installation.connect(source.source("live"))
        for title, name, expected, forgets in cases:
            show(folder, name)
            if forgets:
                installation.forget_published()
            importer, monitor = (installation.process(service) for service in ("importer", "monitor"))
            peaks, before = (Peak(importer), Peak(monitor)), processor_seconds(importer)
            answer = installation.run()
            run, report = answer["run"], answer["report"]
            if report["outcome"] != expected or report["read"] != count:
                raise RuntimeError("%s: %s" % (title, report))
            left = os.listdir(installation.state + "/data/importer/staging")
            if left:
                raise RuntimeError("%s: left %s" % (title, left))
            row = {
                "case": title, "s": seconds(run), "cpu": processor_seconds(importer) - before,
                "peakMB": peaks[0].megabytes, "monitorPeakMB": peaks[1].megabytes, "checks": report["checksMade"]}
            outcome.append(row)
            word = "target" if row["peakMB"] <= PEAK_MB[0] else "floor" if row["peakMB"] <= PEAK_MB[1] else "ABOVE THE FLOOR"
            print("| %-52s | %.2f | %.2f | %.1f | %.1f | %d | %d | %s |" % (
                title, row["s"], row["cpu"], row["peakMB"], row["monitorPeakMB"], *PEAK_MB, word))
            sys.stdout.flush()
        print("Now resident in the importer: %.1f MB of its own, %.1f MB of programs and libraries, shared by all." % tuple(
            resident(installation.process("importer"), line) for line in ("RssAnon", "RssFile")))
        print("Checks made: %s" % ", ".join(outcome[-1]["checks"]))
        print("Receipts: %s" % installation.verify_receipts())
    return {"case": "million %d" % count, "runs": outcome}
