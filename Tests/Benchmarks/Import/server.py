"""nginx in front of rendered pages, answering as a Service Layer does, and a shop's read-only answers. Loopback only."""

import os
import shutil
import socket
import subprocess
import time

MODULE = "/usr/lib/nginx/modules/ngx_http_echo_module.so"

SEARCHED = os.environ.get("PATH", "") + ":/usr/sbin"

CONFIGURATION = """
%(module)s
worker_processes 1;
pid %(folder)s/nginx.pid;
error_log %(folder)s/nginx.log warn;
events { worker_connections 256; }
http {
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 10000000; default_type application/json;
  client_body_temp_path %(folder)s/t1; proxy_temp_path %(folder)s/t2; fastcgi_temp_path %(folder)s/t3;
  uwsgi_temp_path %(folder)s/t4; scgi_temp_path %(folder)s/t5;
  map $args $page {
    "~top=" newest.json; "~keys.*skip=(?<k>[0-9]+)" keys-$k.json; "~skip=(?<n>[0-9]+)" $n.json;
    "~^.select=ItemCode&" keys-0.json; default 0.json;
  }
  map $msec $moment { "~\\.(?<a>[0-9])(?<b>[0-9])(?<c>[0-9])$" "1$a:0$b:0$c"; }
  server {
    listen 127.0.0.1:%(port)d%(tls)s; root %(pages)s;
    %(busy)s
    location ~ ^/(?<set>[^/]+)/b1s/v2/Items$ { try_files /$set/$page @edited; }
    location ~ ^/(?:busy/)?(?<set>[^/]+)/b1s/v2/Items/.count$ { default_type text/plain; try_files /$set/count =404; }
    location ~ /Login$ { add_header Set-Cookie "B1SESSION=1; HttpOnly"; return 200 '{"SessionId":"1"}'; }
    location ~ /Logout$ { return 204; }
    location ~ /ping/$ { return 200 '{"message":"pong","sender":"load balancer"}'; }
    location ~ /api/v1/healthz$ { return 200 '{"status":"ok"}'; }
    location ~ /api/v1/meta$ { return 200 '{"version":"1"}'; }
    location ~ /api/v1/datasets/ { return 200 '{"count":0}'; }
    location ~ /api/v1/imports$ { return 200 '{"items":[]}'; }
    %(slow)s
  }
}
"""
# Somebody edits it all the time: each look at the newest item shows another moment. So it does for pages without one.
NEWEST = """if ($args ~ "top=") {
        return 200 '{"value":[{"ItemCode":"IT00000000","CreateDate":"2024-05-01","CreateTime":"10:00:00","UpdateDate":"2024-05-01","UpdateTime":"$moment"}]}';
      }"""
BUSY = """location ~ ^/busy/(?<set>[^/]+)/b1s/v2/Items$ {
      %s
      try_files /$set/$page =404;
    }
    location @edited {
      %s
      return 404;
    }""" % (NEWEST, NEWEST)
# Each request waits before its first byte; requests under way at once wait at once.
SLOW = "location ~ ^/slow(?<ms>[0-9][0-9])/(?<rest>.*)$ { echo_sleep 0.0$ms; echo_exec /$rest $args; }"


class Server:
    """Runs until its `with` ends; `can_wait` tells whether nginx has what the latency runs need."""

    def __init__(self, folder, pages, certificate=None, key=None):
        """With a certificate and its key, for `localhost`, it is spoken to over TLS."""
        self.folder, self.pages, self.can_wait = folder, pages, os.path.exists(MODULE)
        self.certificate, self.key = certificate, key
        self.program = shutil.which("nginx", path=SEARCHED)

    def __enter__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        path = os.path.join(self.folder, "nginx.conf")
        tls = " ssl; ssl_certificate %s; ssl_certificate_key %s" % (self.certificate, self.key) if self.certificate else ""
        with open(path, "w") as file:
            file.write(CONFIGURATION % {
                "module": "load_module %s;" % MODULE if self.can_wait else "", "folder": self.folder,
                "port": self.port, "pages": self.pages, "busy": BUSY, "tls": tls,
                "slow": SLOW if self.can_wait else ""})
        self.process = subprocess.Popen(
            [self.program, "-p", self.folder, "-e", self.folder + "/nginx.log", "-c", path, "-g", "daemon off;"])
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.02)
        raise RuntimeError("nginx does not listen: " + open(self.folder + "/nginx.log").read())

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def source(self, pages, milliseconds=0, busy=False):
        way = "/slow%02d" % milliseconds if milliseconds else "/busy" if busy else ""
        root = "https://localhost" if self.certificate else "http://127.0.0.1"
        return "%s:%d%s/%s" % (root, self.port, way, pages)
