"""SMTP servers that fail as they are told to, command by command: one port each, all in this process.

Usage: sick_mail_server.py CERTIFICATE KEY EXPIRED_CERTIFICATE EXPIRED_KEY

Orders are lines of JSON on standard input; each is answered with one line, in order:

  {"open": "plain"|"good"|"expired", "fault": f, "times": n, "away": b}  {"port": p}; nobody listens there while away
  {"port": p, "fault": f, "times": n}                                     {"port": p}; listens, with another fault
  {"port": p}                                                             what came: mails taken and faults played

good and expired offer STARTTLS with such a certificate, and after it ask for a login. A fault is `<place>-<what>`: the
place is greeting, ehlo, starttls, auth, mail, rcpt, data, body or quit; what is a code (450, 550), `hang` (no answer until the
other side goes), `drop` (closed without a word) or, for body, `lost` (taken, then closed without the answer). `grey`
refuses each recipient the first time it is seen. After `times` occurrences the server is well. A recipient whose address
begins with `bad` is always refused with 550. A mail counts as taken before its sender is told so.
"""

import base64
import json
import re
import socket
import ssl
import sys
import threading

LOGIN = base64.b64encode(b"\0sluice\0open sesame").decode()


class Ended(Exception):
    pass


class Server:
    def __init__(self, context, fault, times):
        self.context = context
        self.lock = threading.Lock()
        self.mails = []
        self.played = 0
        self.grey = set()
        self.fault, self.times = fault, times
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.is_listening = False

    def listen(self):
        if self.is_listening:
            return
        self.is_listening = True
        self.listener.listen(64)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        session = Session(connection, self)
        try:
            session.serve()
        except (Ended, OSError):
            pass
        finally:
            # After STARTTLS it is another object than the one accepted.
            session.connection.close()

    def order(self, fault, times):
        with self.lock:
            self.fault, self.times = fault, times

    def fault_at(self, place):
        with self.lock:
            if self.times <= 0 or not self.fault.startswith(place + "-"):
                return None
            self.times -= 1
            self.played += 1
            return self.fault.split("-", 1)[1]

    def is_grey(self, recipient):
        with self.lock:
            if self.fault != "grey" or recipient in self.grey:
                return False
            self.grey.add(recipient)
            self.played += 1
            return True

    def take(self, recipient, message_id):
        with self.lock:
            self.mails.append({"to": recipient, "id": message_id})

    def seen(self):
        with self.lock:
            return {"mails": self.mails, "played": self.played}


class Session:
    def __init__(self, connection, server):
        self.connection = connection
        self.server = server
        self.rest = b""
        self.is_secure = False
        self.is_known = server.context is None
        self.recipient = None

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

    def hang(self):
        while True:
            self.read()

    def answer(self, place, usual):
        """Gives the usual answer or the fault of this place; True when the usual one was given."""
        what = self.server.fault_at(place)
        if what is None:
            self.send(usual)
            return True
        if what == "hang":
            self.hang()
        if what == "drop":
            raise Ended
        self.send(f"{what} {place} refused")
        if place == "greeting":
            raise Ended
        return False

    def serve(self):
        self.answer("greeting", "220 sick")
        while True:
            line = self.line()
            word = line[:4].upper()
            if word == "QUIT":
                self.answer("quit", "221 bye")
                return
            command = {
                "EHLO": self.hello, "HELO": self.hello, "STAR": self.start_tls, "AUTH": self.log_in,
                "MAIL": self.mail, "RCPT": self.rcpt, "DATA": self.data,
            }.get(word)
            command(line) if command else self.send("250 ok")

    def hello(self, line):
        offers = "250 8BITMIME"
        if self.server.context:
            offers = ("250-AUTH PLAIN" if self.is_secure else "250-STARTTLS") + "\r\n" + offers
        self.answer("ehlo", f"250-sick\r\n{offers}" if line[:1].upper() == "E" else "250 sick")

    def start_tls(self, line):
        if self.answer("starttls", "220 go on"):
            self.connection = self.server.context.wrap_socket(self.connection, server_side=True)
            self.rest = b""
            self.is_secure = True

    def log_in(self, line):
        words = line.split()
        if len(words) < 3:
            self.send("334 ")
            words.append(self.line())
        if words[2] != LOGIN:
            self.send("535 wrong password")
        elif self.answer("auth", "235 welcome"):
            self.is_known = True

    def mail(self, line):
        if self.is_known:
            self.answer("mail", "250 ok")
        else:
            self.send("530 log in first")

    def rcpt(self, line):
        self.recipient = re.search(r"<(.*)>", line).group(1)
        if self.recipient.startswith("bad"):
            self.send("550 no such user")
        elif self.server.is_grey(self.recipient):
            self.send("451 greylisted, come back")
        else:
            self.answer("rcpt", "250 ok")

    def data(self, line):
        if not self.answer("data", "354 go"):
            return
        while b"\r\n.\r\n" not in self.rest:
            self.read()
        mail, self.rest = self.rest.split(b"\r\n.\r\n", 1)
        what = self.server.fault_at("body")
        if what in (None, "lost"):
            self.server.take(self.recipient, re.search(rb"Message-ID: <(.*?)>", mail).group(1).decode())
        if what is None:
            self.send("250 taken")
        elif what == "hang":
            self.hang()
        elif what in ("drop", "lost"):
            raise Ended
        else:
            self.send(f"{what} body refused")


def context(certificate, key):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate, key)
    return made


def main():
    contexts = {"plain": None, "good": context(*sys.argv[1:3]), "expired": context(*sys.argv[3:5])}
    servers = {}

    def obey(order):
        if "open" in order:
            server = Server(contexts[order["open"]], order["fault"], order["times"])
            servers[server.port] = server
            if not order["away"]:
                server.listen()
            return {"port": server.port}
        server = servers[order["port"]]
        if "fault" not in order:
            return server.seen()
        server.order(order["fault"], order["times"])
        server.listen()
        return {"port": server.port}

    # Ends with whoever holds the other end of standard input.
    for line in sys.stdin:
        print(json.dumps(obey(json.loads(line))), flush=True)


main()
