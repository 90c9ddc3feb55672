"""Runs Postfix on a free port, all of it in one folder. Usage: run_postfix.py FOLDER CERTIFICATE KEY. Needs root.

Every mail it takes is put on hold, and said: recipients and content (base64), as Postfix has queued it.
"""

import base64
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time

import peer

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
command_directory = {commands}
daemon_directory = {daemons}
mail_owner = postfix
setgid_group = postdrop
myhostname = mail.test
mydestination =
relay_domains = example.com
relay_recipient_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
default_transport = error
mynetworks = 127.0.0.0/8
smtpd_recipient_restrictions = static:HOLD, permit_mynetworks, reject
smtpd_forbid_bare_newline = yes
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_tls_security_level = encrypt
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
"""
MASTER = """
{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
tlsmgr unix - - n 1000? 1 tlsmgr
anvil unix - - n - 1 anvil
error unix - - n - - error
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
"""


def postcat(commands, folder, name, part):
    return subprocess.run(
        [commands + "/postcat", "-c", folder + "/etc", part, "-q", name], capture_output=True, check=True).stdout


def say_queued(commands, folder, names):
    for name in sorted(names):
        envelope = postcat(commands, folder, name, "-e").decode("latin-1").splitlines()
        content = postcat(commands, folder, name, "-bh")
        peer.say(
            recipients=[line[11:] for line in envelope if line.startswith("recipient: ")],
            content=base64.b64encode(content).decode(),
        )


def stop(master):
    """It writes to its folder until it is gone."""
    os.kill(master, signal.SIGTERM)
    for _ in range(100):
        try:
            os.kill(master, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)


def main():
    folder, certificate, key = sys.argv[1:]
    port = socket.create_server(("127.0.0.1", 0))
    number = port.getsockname()[1]
    port.close()
    commands = os.path.dirname(shutil.which("postfix", path="/usr/sbin:/usr/local/sbin"))
    postconf = [commands + "/postconf", "-h", "daemon_directory"]
    daemons = subprocess.run(postconf, capture_output=True, check=True, text=True).stdout.strip()
    for part in ("etc", "spool", "data"):
        (pathlib.Path(folder) / part).mkdir()
    shutil.chown(folder + "/data", "postfix")
    values = dict(folder=folder, certificate=certificate, key=key, port=number, commands=commands, daemons=daemons)
    pathlib.Path(folder, "etc/main.cf").write_text(MAIN.format(**values))
    pathlib.Path(folder, "etc/master.cf").write_text(MASTER.format(**values))
    started = subprocess.run([commands + "/postfix", "-c", folder + "/etc", "start"], capture_output=True, text=True)
    if started.returncode:
        peer.say(missing="postfix does not start: " + started.stderr)
        return
    master = int(pathlib.Path(folder, "spool/pid/master.pid").read_text())
    peer.end_with_parent(lambda: stop(master), [folder, os.path.dirname(certificate)])
    peer.say(port=number)
    hold = pathlib.Path(folder, "spool/hold")
    known = set()
    while True:
        names = {path.name for path in hold.glob("*")}
        say_queued(commands, folder, names - known)
        known |= names
        time.sleep(0.05)


main()
