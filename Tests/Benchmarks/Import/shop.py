"""A shop's import contract with as little behind it as can be: it takes chunks, counts their rows and commits. Loopback only.

Its answers cost the importer what a shop's would; what it does with the rows is no part of the measure.
"""

import json
import socketserver
import threading
from http.server import BaseHTTPRequestHandler

DATASETS = ("products", "prices", "stock")


class Shop(socketserver.ThreadingTCPServer):
    daemon_threads = allow_reuse_address = True

    def __init__(self, keys=None):
        """keys: a folder of `pages.render_shop_keys`; without it the shop does not list what it has."""
        super().__init__(("127.0.0.1", 0), Handler)
        self.keys = keys
        self.lock, self.sessions, self.live, self.chunks = threading.Lock(), {}, {}, 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return "http://127.0.0.1:%d" % self.server_address[1]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body of an answer in one packet
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, _, query = self.path.partition("?")
        path = path.removeprefix("/api/v1").strip("/").split("/")
        if self.server.keys and path[0] in DATASETS:
            status, text = 200, self.key_page(path[0], query)
        else:
            with self.server.lock:
                status, value = self.reply(path, body)
            text = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
        self.wfile.flush()

    do_GET = do_POST = do_PUT = answer

    def key_page(self, dataset, query):
        page = next((part[7:] for part in query.split("&") if part.startswith("cursor=")), "0")
        with open("%s/%s-%s.json" % (self.server.keys, dataset, page), "rb") as file:
            return file.read()

    def reply(self, path, body):
        shop = self.server
        if path[0] == "datasets":
            return 200, shop.live.get(path[1], {"count": 0})
        if path[0] in DATASETS:
            return 404, {"title": "this shop lists nothing"}
        if path == ["meta"]:
            return 200, {"version": "1", "limits": {"max_key_limit": 5000}}
        if path == ["imports"] and self.command == "POST":
            wanted = json.loads(body)
            name = "s%d" % (len(shop.sessions) + 1)
            shop.sessions[name] = dict(
                id=name, dataset=wanted["dataset"], mode=wanted["mode"], rows=0, deleted=0, state="open", chunks=0)
            return 201, shop.sessions[name]
        if path == ["imports", "commit"]:
            return 200, {"results": [self.commit(shop.sessions[name]) for name in json.loads(body)["ids"]]}
        if path[0] == "imports" and len(path) >= 2:
            session = shop.sessions[path[1]]
            if len(path) == 4:
                # Each row is an object that ends so, and nothing inside a row does; a dumb shop need not parse.
                rows = self.rows(body)
                session["rows"] += rows
                session["chunks"] += 1
                shop.chunks += 1
                return 200, {"accepted": rows, "rejected": []}
            return 200, dict(session, distinct_count=session["rows"], rejected_count=0)
        return 200, {"status": "ok", "version": "1", "items": []}

    @staticmethod
    def rows(body):
        return body.count(b'{"code":') + body.count(b'{"product_code":')

    def commit(self, session):
        shop, dataset = self.server, session["dataset"]
        before = shop.live.get(dataset, {"count": 0})
        # A difference of changed rows only leaves the count as it was.
        count = session["rows"] if session["mode"] == "full" else before["count"]
        version = "v%d" % len(shop.sessions) + session["id"]
        shop.live[dataset] = {"count": count, "live_version": version, "import_id": session["id"],
                              "previous_version": before.get("live_version")}
        session["state"] = "committed"
        return {"id": session["id"], "state": "committed", "count": count, "live_version": version,
                "previous_version": before.get("live_version")}
