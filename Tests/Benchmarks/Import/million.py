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
from promises import judge
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
            "--paging", "offset", "--page-size", "1000", "--manual")

    def limit(self, count):
        """Every rule a connection can have, all of them wide enough to be kept: none is left unlooked at."""
        path = os.path.join(self.state, "must-have")
        with open(path, "w") as file:
            file.writelines("IT%08d\n" % number for number in range(1, count, count // 1000))
        self.sluice(
            "policy", "set", CONNECTION, "--reason", "benchmark", "--must-have-file", path, "--drop-guard",
            "%d,100" % count, "--price-change", "100000", "--zero-prices", "%d" % (3 * count), "--stock-sum", "100")

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


class Case:
    """An import of the same items once more.

    changed: one item in a hundred has another price; shuffled: keys come in no order; edited: the source's newest item is
    another at each look, so that its keys are read a second time; forgets: another importer had the connection until now.
    """

    def __init__(
        self, title, page_size, changed=False, shuffled=False, edited=False, miscounted=False, forgets=False,
        outcome="published"
    ):
        self.title, self.page_size, self.changed, self.shuffled = title, page_size, changed, shuffled
        self.edited, self.miscounted, self.forgets, self.outcome = edited, miscounted, forgets, outcome

    def render(self, folder, count):
        """The name of its set of pages, a folder under `folder`."""
        order, prices = "random" if self.shuffled else "sorted", "-hundredth" if self.changed else ""
        name = "%s%s-%d-%d" % (order, prices, count, self.page_size)
        place = os.path.join(folder, name)
        pages.render(
            place, count, self.page_size, self.shuffled, changed_every=100 if self.changed else 0,
            changed_max=count if self.changed else 0)
        for is_other, word, change in (
            (self.edited, "edited-", pages.edit), (self.miscounted, "short-", pages.miscount)):
            if is_other:
                change(os.path.join(folder, word + name), place)
                name = word + name
                place = os.path.join(folder, name)
        if self.edited:
            pages.render_keys(place, count, 5 * self.page_size)
        return name


def cases(count):
    return [
        Case("page 1000, first publish: every row is sent", 1000),
        Case("page 1000, nothing changed", 1000, outcome="unchanged"),
        Case("page 1000, one in a hundred changed", 1000, changed=True),
        Case("page 100, one in a hundred changed", 100),
        Case("one page of %d MB, one in a hundred changed" % (count * 383 // 1_000_000), count, changed=True),
        Case("page 1000, keys at random, one in a hundred changed", 1000, shuffled=True),
        Case("page 1000, edited meanwhile: keys swept", 1000, changed=True, edited=True),
        Case("after another importer: the shop's list, every row", 1000, forgets=True),
        Case("page 1000, lacks one item: refused", 1000, miscounted=True, outcome="refused"),
    ]


def show(folder, name):
    """What the source serves from now on."""
    path = os.path.join(folder, "live")
    if os.path.lexists(path + ".new"):
        os.remove(path + ".new")
    os.symlink(os.path.join(folder, name), path + ".new")
    os.replace(path + ".new", path)


def measure_million(binary, _, work, count):
    folder = os.path.join(work, "pages")
    served = [(case, case.render(folder, count)) for case in cases(count)]
    print("\n%d items in the real services, from the claim to the report; load %.1f" % (count, os.getloadavg()[0]))
    print("| %-52s | s | importer cpu s | importer peak MB | monitor peak MB | target | floor | |" % "")
    print("|---|---|---|---|---|---|---|---|")
    outcome = []
    place = os.path.join(work, "million")
    with Installation(place, os.path.dirname(binary)) as installation, installation.source(place, folder) as source:
        installation.connect(source.source("live"))
        installation.limit(count)
        for case, name in served:
            show(folder, name)
            outcome.append(measure_case(installation, case, count))
            tell(outcome[-1])
        print("Now resident in the importer: %.1f MB of its own, %.1f MB of programs and libraries, shared by all." % tuple(
            resident(installation.process("importer"), line) for line in ("RssAnon", "RssFile")))
        print("Checks made: %s" % ", ".join(outcome[-1]["checks"]))
        print("Receipts: %s" % installation.verify_receipts())
    return {"case": "million %d" % count, "runs": outcome}


def measure_case(installation, case, count):
    if case.forgets:
        installation.forget_published()
    importer, monitor = (installation.process(service) for service in ("importer", "monitor"))
    peaks, before = (Peak(importer), Peak(monitor)), processor_seconds(importer)
    answer = installation.run()
    run, report = answer["run"], answer["report"]
    if report["outcome"] != case.outcome or report["read"] != count:
        raise RuntimeError("%s: %s" % (case.title, report))
    if case.edited != ("check_second_sweep" in report["checksMade"]):
        raise RuntimeError("%s: what was arranged did not take place: %s" % (case.title, report["checksMade"]))
    left = os.listdir(installation.state + "/data/importer/staging")
    if left:
        raise RuntimeError("%s: left %s" % (case.title, left))
    return {
        "case": case.title, "s": seconds(run), "cpu": processor_seconds(importer) - before,
        "peakMB": peaks[0].megabytes, "monitorPeakMB": peaks[1].megabytes, "checks": report["checksMade"]}


def tell(row):
    print("| %-52s | %.2f | %.2f | %.1f | %.1f | %d | %d | %s |" % (
        row["case"], row["s"], row["cpu"], row["peakMB"], row["monitorPeakMB"], *PEAK_MB,
        judge(row["case"] + ", peak MB", row["peakMB"], *PEAK_MB)))
    sys.stdout.flush()
