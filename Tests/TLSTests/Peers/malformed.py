"""A client that breaks the rules of TLS 1.3 in some 240 ways, one connection each.

Arguments: port, certificate, key, the server's authority. Prints one line a case, what was broken and how the server took
it: refused (closed or an alert), waits (for the rest of something cut short) or accepted (it went on and echoed).
"""
import random
import socket
import sys

from tlslite.api import HandshakeSettings, TLSConnection, X509CertChain, parsePEMKey
from tlslite.constants import ContentType
from tlslite.errors import BaseTLSException
from tlslite.messages import Message

port, certificate, key, authority = int(sys.argv[1]), *sys.argv[2:5]
chain = X509CertChain()
chain.parsePemList(open(certificate).read())
private = parsePEMKey(open(key).read(), private=True)
settings = HandshakeSettings()
settings.minVersion = settings.maxVersion = (3, 4)
# It would send a compressed certificate without being asked for one.
settings.certificate_compression_send = settings.certificate_compression_receive = []
# With their types.
MESSAGES = {"ClientHello": 1, "Certificate": 11, "CertificateVerify": 15, "Finished": 20}


class Changed:
    """A handshake message with other bytes."""

    def __init__(self, bytes_):
        self.contentType, self.bytes = ContentType.handshake, bytes_

    def write(self):
        return self.bytes


class Client(TLSConnection):
    """Changes its message number `at`, or sends nothing in its place."""

    at, change, seen = None, None, -1

    def _sendMsg(self, msg, *arguments, **options):
        if msg.contentType == ContentType.handshake:
            self.seen += 1
            if self.seen == self.at:
                bytes_ = self.change(bytearray(msg.write()))
                if bytes_ is None:
                    return
                msg = Changed(bytes_)
        yield from super()._sendMsg(msg, *arguments, **options)

    def _sendMsgs(self, msgs):
        for msg in msgs:
            yield from self._sendMsg(msg)


def with_length(bytes_):
    """The header's length made to fit."""
    return bytes_[:1] + len(bytes_[4:]).to_bytes(3, "big") + bytes_[4:]


def flip(seed):
    def change(bytes_):
        at = random.Random(seed).randrange(4, len(bytes_))
        bytes_[at] ^= 1 << seed % 8
        return bytes_
    return change


CHANGES = {
    "left out": lambda b: None,
    "sent twice": lambda b: b + b,
    "cut to its header": lambda b: b[:4],
    "empty": lambda b: with_length(b[:4]),
    "one byte short": lambda b: b[:-1],
    "one byte short, length too": lambda b: with_length(b[:-1]),
    "halved, length too": lambda b: with_length(b[:len(b) // 2]),
    "one byte longer": lambda b: b + b"\0",
    "one byte longer, length too": lambda b: with_length(b + b"\0"),
    "two bytes of length more": lambda b: b[:1] + (len(b) - 2).to_bytes(3, "big") + b[4:],
    "length of nothing": lambda b: b[:1] + b"\0\0\0" + b[4:],
    "length of 16 MiB": lambda b: b[:1] + b"\xff\xff\xff" + b[4:],
    "of 70,000 bytes": lambda b: with_length(b + bytes(70_000)),
    "of zeros": lambda b: b[:4] + bytes(len(b) - 4),
    "of ones": lambda b: b[:4] + b"\xff" * (len(b) - 4),
}
for kind in [0, 1, 2, 4, 5, 8, 11, 12, 13, 14, 15, 16, 20, 21, 24, 25, 67, 254, 255]:
    CHANGES[f"as a message of type {kind}"] = lambda b, kind=kind: bytes([kind]) + b[1:]
for seed in range(18):
    CHANGES[f"with bit {seed % 8} of a byte changed ({seed})"] = flip(seed)


def record(kind, bytes_, version=(3, 3), length=None):
    length = len(bytes_) if length is None else length
    return bytes([kind, *version]) + length.to_bytes(2, "big") + bytes_


# In the clear, after the handshake.
PLAIN = {f"a plain record of type {kind}": record(kind, b"\1\0") for kind in [0, 20, 21, 22, 23, 24, 25, 255]}
PLAIN.update({
    "an empty record": record(23, b""),
    "a record of 16,641 bytes": record(23, bytes(16_641)),
    "a record of 65,535 bytes": record(23, bytes(65_535)),
    "another version": record(23, bytes(40), (9, 9)),
    "noise": random.Random(1).randbytes(500),
    "SSL 2": b"\x80\x2e\x01\x00\x02" + bytes(41),
})
# Encrypted, after the handshake: content type and bytes.
SEALED = {
    "a hello again": (22, b"\1\0\0\2\3\3"), "a certificate nobody asked for": (22, b"\x0b\0\0\4\0\0\0\0"),
    "a Finished again": (22, b"\x14\0\0\x20" + bytes(32)), "a ticket": (22, b"\4\0\0\4\0\0\0\0"),
    "a HelloRequest": (22, b"\0\0\0\0"), "an unknown message": (22, b"\xfe\0\0\0"),
    "end of early data": (22, b"\5\0\0\0"), "an empty handshake record": (22, b""),
    "a KeyUpdate of two bytes": (22, b"\x18\0\0\2\0\0"), "a KeyUpdate of nothing": (22, b"\x18\0\0\0"),
    "a KeyUpdate of another kind": (22, b"\x18\0\0\1\7"), "a message of 16 MiB": (22, b"\x18\xff\xff\xff"),
    "an alert of one byte": (21, b"\2"), "an alert of three bytes": (21, b"\2\0\0"), "an empty alert": (21, b""),
    "an unknown alert": (21, b"\2\xfe"), "a fatal alert": (21, b"\2\x28"), "a ChangeCipherSpec": (20, b"\1"),
    "content of type 0": (0, b"x"), "content of type 99": (99, b"x"),
}


def run(name, at=None, change=None, after=None):
    plain = socket.create_connection(("127.0.0.1", port), timeout=1)
    client = Client(plain)
    client.at, client.change = at, change
    try:
        client.handshakeClientCert(chain, private, settings=settings)
        if after:
            after(client, plain)
        client.write(b"ping")
        outcome = "accepted" if client.read(min=4, max=4) == b"ping" else "refused"
    except TimeoutError:
        outcome = "waits"
    except (BaseTLSException, OSError, ValueError, SyntaxError, AssertionError):
        outcome = "refused"
    finally:
        plain.close()
    print(f"{outcome}\t{name}", flush=True)


def sealed(kind, bytes_):
    def send(client, _):
        for _ in client._sendMsg(Message(kind, bytearray(bytes_)), update_hashes=False):
            pass
    return send


run("nothing")
for at, (message, own) in enumerate(MESSAGES.items()):
    for name, change in CHANGES.items():
        if name != f"as a message of type {own}":
            run(f"{message} {name}", at, change)
for name, bytes_ in PLAIN.items():
    run(name, after=lambda _, plain, bytes_=bytes_: plain.sendall(bytes_))
for name, (kind, bytes_) in SEALED.items():
    run(name, after=sealed(kind, bytes_))
run("nothing, after all that")
