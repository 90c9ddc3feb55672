"""The programs that are compared: how each is started, measured, and where it left its keys."""

import glob
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))


class Candidate:
    """name; the command, given a source, an empty folder and a page size; the file and the query of the staged keys."""

    def __init__(self, name, command, file, query):
        self.name, self.command, self.file, self.query = name, command, file, query

    def run(self, folder, server, pages, page_size, milliseconds=0, timeout=900):
        """Runs it once. Seconds of the whole process, from start to exit; peak resident memory of it.

        One that has not ended after `timeout` seconds hangs; it is ended, and the measure with it."""
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        command = self.command(server.source(pages, milliseconds), folder, page_size, server)
        start = time.monotonic()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=open(folder + "/errors", "wb"))
        watch = threading.Timer(timeout, process.kill)
        watch.start()
        try:
            output = process.stdout.read().decode()
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.monotonic() - start
            process.returncode = os.waitstatus_to_exitcode(status)
        finally:
            watch.cancel()
            if process.returncode is None:
                process.kill()
        if time.monotonic() - start >= timeout:
            raise RuntimeError("%s had not ended after %d seconds" % (self.name, timeout))
        if process.returncode != 0:
            raise RuntimeError("%s failed: %s%s" % (self.name, output, open(folder + "/errors").read()[-2000:]))
        result = json.loads(output.splitlines()[-1])
        result.update(wall=wall, cpu=usage.ru_utime + usage.ru_stime)
        return result

    def files(self, folder):
        return [path for path in glob.glob(os.path.join(folder, self.file)) if not path.endswith(("-wal", "-shm"))]

    def staged(self, folder):
        """Bytes on disk, and a hash over all distinct keys in order: looked at afterwards, outside of the time."""
        digest, path = hashlib.sha256(), self.files(folder)[0]
        database = sqlite3.connect(path)
        for (key,) in database.execute(self.query):
            digest.update(key.encode() + b"\n")
        database.close()
        return os.path.getsize(path), digest.hexdigest()


def ours(binary, last_step="verdict", shop=None):
    def command(source, folder, page_size, server):
        return [binary, folder, shop or server.source("shop"), str(min(page_size, 5000)), last_step, source]

    return Candidate("Sluice", command, "staging/*.staging", "SELECT DISTINCT key FROM item ORDER BY key")


def limit(folder, evidence=False):
    """Builds the C program."""
    binary = os.path.join(folder, "import_limit")
    subprocess.run(
        ["cc", "-O2", "-o", binary, HERE + "/Limit/import_limit.c", "-lcurl", "-lsqlite3", "-lzstd", "-lcrypto"],
        check=True)
    return Candidate(
        "C with evidence" if evidence else "C",
        lambda source, folder, page_size, server: [binary, source, folder + "/c.db"] + ["evidence"] * evidence,
        "c.db", "SELECT DISTINCT key FROM item ORDER BY key")


def plain_python(interpreter, decoder):
    return Candidate(
        "requests + " + decoder,
        lambda source, folder, page_size, server: [
            interpreter, HERE + "/Peers/plain_python.py", source, folder + "/python.db", decoder],
        "python.db", "SELECT DISTINCT key FROM item ORDER BY key")


def dlt(interpreter):
    return Candidate(
        "dlt",
        lambda source, folder, page_size, server: [
            interpreter, HERE + "/Peers/dlt_import.py", source, folder, str(page_size)],
        "items.db", "SELECT DISTINCT item_code FROM item ORDER BY item_code")


def python_peers(folder):
    """A virtual environment with the peers, made once; None, and said loudly, where they cannot be had."""
    interpreter = os.path.join(folder, "bin", "python")
    packages = ["requests", "orjson", "dlt[sqlalchemy]"]
    try:
        if not os.path.exists(folder + "/ready"):
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
            subprocess.run([interpreter, "-m", "pip", "install", "-q"] + packages, check=True, timeout=600)
            open(folder + "/ready", "w").close()
        return interpreter
    except (subprocess.SubprocessError, OSError) as problem:
        print("SKIPPED: the peers in Python cannot be installed (%s). Only C is compared with." % problem)
        return None
