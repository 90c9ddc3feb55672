"""An SAP Business One Service Layer with a poisonous catalogue: /<kind>/b1s/v2/…

usage: poison_erp.py PORT CERTIFICATE KEY; kinds: hang, endless, huge, json
"""
import http.server
import json
import re
import ssl
import sys
import threading

COUNT = 1000


def item(code):
    return {"ItemCode": code, "ItemName": "Item " + code, "Valid": "tYES", "Frozen": "tNO", "SalesItem": "tYES",
            "CreateDate": "2026-01-01", "CreateTime": "10:00:00", "UpdateDate": "2026-01-02", "UpdateTime": "10:00:00",
            "ItemPrices": [{"PriceList": 1, "Price": 10, "Currency": "DKK"}],
            "ItemWarehouseInfoCollection": [{"WarehouseCode": "01", "InStock": 5.0, "Committed": 0.0}]}


class ERP(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, body, headers=()):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.endswith("/Login"):
            self.answer({"SessionId": "s", "Version": "1000110", "SessionTimeout": 30},
                        [("Set-Cookie", "B1SESSION=s; path=/"), ("Set-Cookie", "ROUTEID=.n1; path=/")])
        else:
            self.answer(b"")

    def do_GET(self):
        kind = self.path.split("/")[1]
        if "/ping" in self.path:
            self.answer({"sender": "load balancer"})
        elif "$count" in self.path or "%24count" in self.path:
            self.answer(str(COUNT).encode())
        elif re.search(r"(\$|%24)top=\d", self.path):
            self.answer({"value": [item("A0")]})
        else:
            getattr(self, kind)()

    def hang(self):
        """Half a page, then nothing for ever."""
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        self.wfile.write(b'{"value":[' + json.dumps(item("A0")).encode() + b",")
        self.wfile.flush()
        threading.Event().wait(600)

    def endless(self):
        """Each page has a link to one more."""
        number = int((re.search(r"skip=(\d+)", self.path) or [0, 0])[1])
        rows = [item("A%07d" % (number + place)) for place in range(100)]
        self.answer({"value": rows, "@odata.nextLink": "Items?$skip=%d" % (number + 100),
                     "odata.nextLink": "Items?$skip=%d" % (number + 100)})

    def huge(self):
        """One page of two gigabytes."""
        self.send_response(200)
        self.send_header("Content-Length", str(2 << 30))
        self.end_headers()
        self.wfile.write(b'{"value":[')
        row = json.dumps(item("A0")).encode() + b","
        for _ in range((2 << 30) // (len(row) * 200)):
            self.wfile.write(row * 200)

    def json(self):
        """A page that breaks off in the middle of an item, though its length is right."""
        self.answer(b'{"value":[' + json.dumps(item("A0")).encode() + b',{"ItemCode":"A1","ItemName')


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass


port, certificate, key = sys.argv[1:]
server = Server(("127.0.0.1", int(port)), ERP)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
print("ready", flush=True)
server.serve_forever()
