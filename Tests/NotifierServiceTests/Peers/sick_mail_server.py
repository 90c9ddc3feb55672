"""An SMTP server that fails as it is told to, command by command.

Usage: sick_mail_server.py CERTIFICATE KEY EXPIRED_CERTIFICATE EXPIRED_KEY

Three ports: a plain one and two for STARTTLS, with a good and an expired certificate. What goes wrong is set by a line on
standard input: {"fault": "...", "times": n}; {} asks for a line that comes after all mails taken so far. A fault is
`<place>-<what>`: the place is greeting, ehlo, mail, rcpt, data or body; what is a code (450, 550), `hang` (no answer until
the other side goes), `drop` (closed without a word) or, for body, `lost` (taken, then closed without the answer). `grey`
refuses each recipient the first time it is seen. After `times` occurrences the server is well. A recipient whose address
begins with `bad` is always refused with 550.

Says one line per mail it took: the recipient and the Message-ID.
"""

import json
import re
import socket
import ssl
import sys
import threading

state = {"fault": "", "times": 0}
seen = set()
lock = threading.Lock()


def say(**values):
    with lock:
        sys.stdout.write(json.dumps(values) + "\n")
        sys.stdout.flush()


def fault_at(place):
    with lock:
        fault = state["fault"]
        if state["times"] <= 0 or not fault.startswith(place + "-"):
            return None
        state["times"] -= 1
        return fault.split("-", 1)[1]


class Ended(Exception):
    pass


class Session:
    def __init__(self, connection, context):
        self.connection = connection
        self.context = context
        self.rest = b""

    def send(self, text):
        self.connection.sendall(text.encode() + b"\r\n")

    def read(self):
        block = self.connection.recv(65536)
        if not block:
            raise Ended
        self.rest += block

    def line(self):
        while b"\r\n" not in self.rest:
            self.read()
        line, self.rest = self.rest.split(b"\r\n", 1)
        return line.decode("latin-1")

    def answer(self, place, usual):
        """Gives the usual answer or the fault of this place; True when the usual one was given."""
        what = fault_at(place)
        if what is None:
            self.send(usual)
            return True
        if what == "hang":
            while True:
                self.read()
        if what in ("drop", "lost"):
            raise Ended
        self.send(f"{what} {place} refused")
        if place == "greeting":
            raise Ended
        return False

    def serve(self):
        self.answer("greeting", "220 sick")
        recipient = None
        while True:
            line = self.line()
            word = line[:4].upper()
            if word == "EHLO":
                extra = "\r\n250-STARTTLS" if self.context and not isinstance(self.connection, ssl.SSLSocket) else ""
                self.answer("ehlo", f"250-sick{extra}\r\n250 8BITMIME")
            elif word == "HELO":
                self.answer("ehlo", "250 sick")
            elif word == "STAR":
                self.send("220 go on")
                self.connection = self.context.wrap_socket(self.connection, server_side=True)
                self.rest = b""
            elif word == "MAIL":
                self.answer("mail", "250 ok")
            elif word == "RCPT":
                recipient = re.search(r"<(.*)>", line).group(1)
                if recipient.startswith("bad"):
                    self.send("550 no such user")
                elif self.is_grey(recipient):
                    self.send("451 greylisted, come back")
                else:
                    self.answer("rcpt", "250 ok")
            elif word == "DATA":
                if self.answer("data", "354 go"):
                    self.take(recipient)
            elif word == "QUIT":
                self.send("221 bye")
                return
            else:
                self.send("250 ok")

    def is_grey(self, recipient):
        with lock:
            if state["fault"] != "grey" or recipient in seen:
                return False
            seen.add(recipient)
            return True

    def take(self, recipient):
        while b"\r\n.\r\n" not in self.rest:
            self.read()
        mail, self.rest = self.rest.split(b"\r\n.\r\n", 1)
        what = fault_at("body")
        if what is None or what == "lost":
            say(to=recipient, id=re.search(rb"Message-ID: <(.*?)>", mail).group(1).decode())
        if what is None:
            self.send("250 taken")
        elif what == "hang":
            while True:
                self.read()
        elif what in ("drop", "lost"):
            raise Ended
        else:
            self.send(f"{what} body refused")


def serve(connection, context):
    try:
        Session(connection, context).serve()
    except (Ended, OSError):
        pass
    finally:
        connection.close()


def listen(context=None):
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)

    def accept():
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=serve, args=(connection, context), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]


def context(certificate, key):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate, key)
    return made


def main():
    good, expired = context(*sys.argv[1:3]), context(*sys.argv[3:5])
    say(plain=listen(), tls=listen(good), expired=listen(expired))
    # Ends with whoever holds the other end of standard input.
    for line in sys.stdin:
        order = json.loads(line)
        if not order:
            say(look=True)
            continue
        with lock:
            state.update(fault=order["fault"], times=order["times"])
            seen.clear()
        say(order=order["fault"])


main()
