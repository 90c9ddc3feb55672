"""An HTTP server that misbehaves as its path says. Usage: odd_http.py [CERTIFICATE KEY]

Counts requests per path; /count/NAME tells. /flood sends until the client stops taking; /flood-blocked answers, once
sending has blocked for a while, with how much was sent.
"""

import gzip
import json
import socket
import ssl
import sys
import threading
import time
import zlib

import peer

counts = {}
flood = {"sent": 0, "blocked": False, "ended": False}
changed = threading.Condition()


def head(status, *fields):
    return ("HTTP/1.1 %s\r\n" % status + "".join("%s\r\n" % field for field in fields) + "\r\n").encode()


def answer(body, *fields, status="200 OK"):
    return head(status, "Content-Length: %d" % len(body), *fields) + body


def read_request(stream):
    line = stream.readline()
    if not line:
        return None
    fields = []
    while True:
        field = stream.readline()
        if field in (b"\r\n", b""):
            break
        fields.append(field.decode("latin-1").rstrip("\r\n"))
    length = next((int(f.split(":")[1]) for f in fields if f.lower().startswith("content-length:")), 0)
    return line.decode("latin-1").rstrip("\r\n"), fields, stream.read(length)


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


def bomb(size):
    press = zlib.compressobj(1, zlib.DEFLATED, 31)
    block = bytes(1 << 20)
    return b"".join([press.compress(block) for _ in range(size >> 20)] + [press.flush()])


def send_flood(connection):
    connection.sendall(head("200 OK", "Content-Length: 1000000000"))
    connection.settimeout(0.4)
    block = bytes(65536)
    with changed:
        flood.update(sent=0, blocked=False, ended=False)
    try:
        while flood["sent"] < 1000000000:
            try:
                sent = connection.send(block)
                with changed:
                    flood["sent"] += sent
                    flood["blocked"] = False
            except (socket.timeout, ssl.SSLWantWriteError):
                with changed:
                    flood["blocked"] = True
                    changed.notify_all()
    except OSError:
        pass
    with changed:
        flood["ended"] = True
        changed.notify_all()


def wait_for_flood(key):
    with changed:
        return changed.wait_for(lambda: flood[key], timeout=8)


def tunnel(connection, target, fields):
    """As a proxy does, for those who know the password."""
    if "Proxy-Authorization: Basic dXNlcjpwYXNz" not in fields:
        connection.sendall(answer(b"who are you", status="407 Proxy Authentication Required"))
        return
    with changed:
        counts["tunnels"] = counts.get("tunnels", 0) + 1
    host, port = target.rsplit(":", 1)
    onward = socket.create_connection((host, int(port)))
    connection.sendall(b"HTTP/1.1 200 Connection established\r\nX-Proxy: yes\r\n\r\n")

    def copy(source, sink):
        try:
            while block := source.recv(65536):
                sink.sendall(block)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    threading.Thread(target=copy, args=(onward, connection), daemon=True).start()
    copy(connection, onward)


def serve(connection, number):
    if not isinstance(connection, ssl.SSLSocket) and connection.recv(1, socket.MSG_PEEK) == b"\x16":
        connection.sendall(answer(b"speak up", status="400 Bad Request"))  # to a TLS greeting
        return
    stream = connection.makefile("rb")
    on_this_connection = 0
    while True:
        request = read_request(stream)
        if request is None:
            return
        line, fields, body = request
        path = line.split(" ")[1]
        if line.startswith("CONNECT "):
            tunnel(connection, path, fields)
            return
        on_this_connection += 1
        name, _, argument = path.lstrip("/").partition("/")
        with changed:
            counts[name] = counts.get(name, 0) + 1
            changed.notify_all()
        if name == "echo":
            said = {"line": line, "fields": fields, "body": body.decode("latin-1"), "connection": number}
            connection.sendall(answer(json.dumps(said).encode(), "Content-Type: application/json"))
        elif name == "count":
            connection.sendall(answer(str(counts.get(argument, 0)).encode()))
        elif name == "wait":  # until a request for this name has come
            with changed:
                changed.wait_for(lambda: counts.get(argument, 0) > 0, timeout=8)
            connection.sendall(answer(b"seen"))
        elif name == "status":
            connection.sendall(answer(b"sorry", status=argument + " Whatever"))
        elif name == "cookies":
            connection.sendall(answer(b"", "Set-Cookie: B1SESSION=abc; HttpOnly", "set-cookie: ROUTEID=.node1"))
        elif name == "redirect":
            connection.sendall(answer(b"", "Location: " + argument.replace("%7C", "/"), status="302 Found"))
        elif name == "hints":
            hints = head("103 Early Hints", "Link: </style.css>", "Set-Cookie: early=1")
            connection.sendall(hints + answer(b"after hints", "Final: yes"))
        elif name == "trailers":
            start = head("200 OK", "Transfer-Encoding: chunked", "Trailer: Sum")
            connection.sendall(start + chunk(b"body") + b"0\r\nSum: 7\r\n\r\n")
        elif name == "trickle":
            connection.sendall(head("200 OK", "Transfer-Encoding: chunked"))
            for index in range(int(argument)):
                connection.sendall(chunk(b"piece %d\n" % index))
                time.sleep(0.05)
            connection.sendall(b"0\r\n\r\n")
        elif name == "close-on-second":  # what a server does whose idle time runs out as the request arrives
            if on_this_connection > 1:
                return
            connection.sendall(answer(b"first"))
        elif name == "drop-before-head":
            return
        elif name == "drop-in-head":
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Le")
            return
        elif name == "drop-mid-body":
            connection.sendall(head("200 OK", "Content-Length: 100000") + bytes(1000))
            return
        elif name == "drop-mid-chunk":
            connection.sendall(head("200 OK", "Transfer-Encoding: chunked") + b"400\r\n" + bytes(100))
            return
        elif name == "never":
            connection.recv(1)
            return
        elif name == "stall":
            connection.sendall(head("200 OK", "Content-Length: 100000") + bytes(1000))
            connection.recv(1)
            return
        elif name == "huge-headers":
            connection.sendall(answer(b"", *["X-%d: %s" % (i, "v" * 1000) for i in range(70)]))
        elif name == "many-hints":
            for _ in range(200):
                connection.sendall(head("103 Early Hints", "Link: " + "v" * 1000))
            connection.sendall(answer(b""))
        elif name == "garbage":
            connection.sendall(b"220 mail.example.com ESMTP\r\n")
            return
        elif name == "bad-status":
            connection.sendall(b"HTTP/1.1 999999 What\r\n\r\n")
            return
        elif name == "gzip":
            connection.sendall(answer(gzip.compress(b"pressed " * 1000), "Content-Encoding: gzip"))
        elif name == "gzip-damaged":
            body = bytearray(gzip.compress(b"pressed " * 1000))
            body[20] ^= 0xFF
            connection.sendall(answer(bytes(body), "Content-Encoding: gzip"))
        elif name == "bomb":
            connection.sendall(answer(bomb(int(argument) << 20), "Content-Encoding: gzip"))
        elif name == "encoding":
            connection.sendall(answer(b"whatever", "Content-Encoding: " + argument.replace("%7C", ", ")))
        elif name == "flood":
            send_flood(connection)
            return
        elif name == "flood-blocked":
            wait_for_flood("blocked")
            connection.sendall(answer(str(flood["sent"]).encode()))
        elif name == "flood-ended":
            ended = wait_for_flood("ended")
            connection.sendall(answer(b"ended" if ended else b"going on"))
        else:
            connection.sendall(answer(b"no such path", status="404 Not Found"))


def guarded(connection, number, context):
    try:
        if context:
            connection = context.wrap_socket(connection, server_side=True)
        serve(connection, number)
    except OSError:
        pass
    finally:
        connection.close()


def main():
    context = None
    if len(sys.argv) > 2:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1], sys.argv[2])
    listener = socket.create_server(("127.0.0.1", 0))
    peer.end_with_parent()
    peer.say(port=listener.getsockname()[1])
    number = 0
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        number += 1
        threading.Thread(target=guarded, args=(connection, number, context), daemon=True).start()


main()
