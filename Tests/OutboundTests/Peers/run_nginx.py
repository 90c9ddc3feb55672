"""Runs nginx in the foreground on free ports. Usage: run_nginx.py FOLDER CERTIFICATE KEY OTHER_CERTIFICATE OTHER_KEY

Ports: `tls` with the first certificate, `other` with the second. /number tells the connection, /file/NAME serves
FOLDER/NAME, /slow/NAME the same at 64 KiB a second, /echo-host the SNI name.
"""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time

import peer

CONFIGURATION = """
daemon off; master_process off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log warn;
events {{ worker_connections 256; }}
http {{
    access_log off; default_type application/octet-stream; keepalive_requests 100000; ssl_protocols TLSv1.2 TLSv1.3;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi; client_max_body_size 100m;
    gzip on; gzip_types *; gzip_min_length 1; gzip_proxied any;
    server {{
        listen 127.0.0.1:{tls} ssl http2; ssl_certificate {certificate}; ssl_certificate_key {key};
        location = /number {{ return 200 "$connection $server_protocol"; }}
        location = /sni {{ return 200 "$ssl_server_name $ssl_protocol"; }}
        location /file/ {{ alias {folder}/; }}
        location /plain/ {{ alias {folder}/; gzip off; }}
        location /slow/ {{ alias {folder}/; gzip off; limit_rate 64k; }}
    }}
    server {{
        listen 127.0.0.1:{other} ssl; ssl_certificate {other_certificate}; ssl_certificate_key {other_key};
        location = /number {{ return 200 "$connection $server_protocol"; }}
    }}
}}
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def main():
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if not nginx:
        peer.say(missing="nginx is missing: install the package nginx-light")
        return
    folder, certificate, key, other_certificate, other_key = sys.argv[1:]
    tls, other = free_port(), free_port()
    configuration = pathlib.Path(folder) / "nginx.conf"
    configuration.write_text(CONFIGURATION.format(**locals()))
    process = subprocess.Popen([nginx, "-p", folder, "-c", str(configuration), "-e", folder + "/error.log"])
    folders = [folder, os.path.dirname(certificate), os.path.dirname(other_certificate)]
    peer.end_with_parent(lambda: os.kill(process.pid, signal.SIGKILL), folders)
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", other), 1).close()
            peer.say(tls=tls, other=other)
            signal.pause()  # until `end_with_parent` ends this
        except OSError:
            time.sleep(0.02)
    process.wait()


main()
