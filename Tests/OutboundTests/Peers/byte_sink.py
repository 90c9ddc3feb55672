"""An SMTP server that believes nothing and records every byte. It is the judge of injection.

It speaks just enough for a client to send, by reading raw lines. After each connection it says: every command line, the
raw mail, whether a bare CR, bare LF or NUL was anywhere, the longest line, and the mail as Python's parser reads it.
It also treats a lone dot between *any* line ends as the end of the mail, as the servers that can be smuggled to do, and
counts what comes after. `hang-up` as sender's local part: closes after the mail without answering; `silent`: never
answers. The port `refusing` greets with 554.
"""

import base64
import email
import email.header
import email.policy
import re
import socket
import threading

import peer

LINE_ENDS = re.compile(rb"(\r\n|\r|\n)\.(\r\n|\r|\n)")


def display_name(message):
    """The newer parser leaves the white space between encoded-words in a name; the older one follows RFC 2047."""
    raw = re.sub(r"\r?\n", "", dict(message.raw_items())["To"])
    phrase = re.sub(r'<("(\\.|[^"\\])*"|[^"<>]*)@[^@<>]*>$', "", raw).strip()
    if phrase.startswith('"'):
        return re.sub(r"\\(.)", r"\1", phrase[1:-1])
    return str(email.header.make_header(email.header.decode_header(phrase)))


def parsed(mail):
    message = email.message_from_bytes(mail, policy=email.policy.default)
    text = message.get_body(("plain",))
    html = message.get_body(("html",))
    return {
        "names": [name for name, _ in message.items()],
        "subject": message["subject"],
        "to": [[display_name(message), a.username, a.domain] for a in message["to"].addresses],
        "date": message["date"].datetime.isoformat(),
        "text": text.get_content() if text else None,
        "html": html.get_content() if html else None,
        "defects": [str(d) for part in message.walk() for d in part.defects]
        + [str(d) for _, v in message.items() for d in v.defects],
    }


def serve(connection):
    everything = b""
    commands = []
    mails = []
    rest = b""

    def read():
        nonlocal everything, rest
        block = connection.recv(65536)
        everything += block
        rest += block
        return block

    def line():
        nonlocal rest
        while b"\r\n" not in rest:
            if not read():
                return None
        first, rest = rest.split(b"\r\n", 1)
        return first

    connection.sendall(b"220 sink\r\n")
    behaviour = ""
    while True:
        command = line()
        if command is None:
            break
        commands.append(command.decode("latin-1"))
        word = command[:4].upper()
        if word == b"EHLO":
            connection.sendall(b"250-sink\r\n250-SIZE 100000000\r\n250 8BITMIME\r\n")
        elif word == b"DATA":
            connection.sendall(b"354 go\r\n")
            while True:
                end = LINE_ENDS.search(rest)
                if end:
                    break
                if not read():
                    break
            if not end:
                break
            mail, rest = rest[: end.start()] + b"\r\n", rest[end.end() :]
            mails.append(re.sub(rb"^\.", b"", mail, flags=re.M))
            if behaviour == "hang-up":
                break
            if behaviour == "silent":
                connection.recv(1)
                break
            connection.sendall(b"250 2.0.0 kept\r\n")
        elif word == b"MAIL":
            behaviour = command.decode("latin-1").split("<")[1].split("@")[0]
            connection.sendall(b"250 ok\r\n")
        elif word == b"QUIT":
            connection.sendall(b"221 bye\r\n")
            break
        else:
            connection.sendall(b"250 ok\r\n")
    connection.close()
    peer.say(
        commands=commands,
        mails=[base64.b64encode(mail).decode() for mail in mails],
        bareCR=len(re.findall(rb"\r(?!\n)", everything)),
        bareLF=len(re.findall(rb"(?<!\r)\n", everything)),
        nul=everything.count(b"\0"),
        eightBit=sum(byte > 127 for byte in everything),
        longestLine=max(len(part) for part in everything.split(b"\r\n")),
        parsed=[parsed(mail) for mail in mails],
    )


def guarded(connection):
    try:
        serve(connection)
    except Exception as error:
        peer.say(failed=repr(error))


def refuse(listener):
    while True:
        connection, _ = listener.accept()
        connection.sendall(b"554 no service for you\r\n")
        connection.close()


def main():
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    refusing = socket.create_server(("127.0.0.1", 0))
    peer.end_with_parent()
    threading.Thread(target=refuse, args=(refusing,), daemon=True).start()
    peer.say(port=listener.getsockname()[1], refusing=refusing.getsockname()[1])
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=guarded, args=(connection,), daemon=True).start()


main()
