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
  map $args $page { "~top=1" newest.json; "~skip=(?<n>[0-9]+)" $n.json; default 0.json; }
  server {
    listen 127.0.0.1:%(port)d; root %(pages)s;
    location ~ ^/(?<set>[^/]+)/b1s/v2/Items$ { try_files /$set/$page =404; }
    location ~ ^/(?<set>[^/]+)/b1s/v2/Items/.count$ { default_type text/plain; try_files /$set/count =404; }
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
# Each request waits before its first byte; requests under way at once wait at once.
SLOW = "location ~ ^/slow(?<ms>[0-9][0-9])/(?<rest>.*)$ { echo_sleep 0.0$ms; echo_exec /$rest $args; }"


class Server:
    """Runs until its `with` ends; `can_wait` tells whether nginx has what the latency runs need."""

    def __init__(self, folder, pages):
        self.folder, self.pages, self.can_wait = folder, pages, os.path.exists(MODULE)
        self.program = shutil.which("nginx", path=SEARCHED)

    def __enter__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        path = os.path.join(self.folder, "nginx.conf")
        with open(path, "w") as file:
            file.write(CONFIGURATION % {
                "module": "load_module %s;" % MODULE if self.can_wait else "", "folder": self.folder,
                "port": self.port, "pages": self.pages, "slow": SLOW if self.can_wait else ""})
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

    def source(self, pages, milliseconds=0):
        slow = "/slow%02d" % milliseconds if milliseconds else ""
        return "http://127.0.0.1:%d%s/%s" % (self.port, slow, pages)
