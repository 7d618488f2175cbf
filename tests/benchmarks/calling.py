"""A call on a kept-alive connection with an answer of 2 kB, beside a default `requests.Session` and the same bytes."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

from django_bbb.api import RequestsTransport

from .measure import Benchmark

BODY = b"<response><returncode>SUCCESS</returncode>" + b" " * 2000 + b"</response>"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet for an answer

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *args: object) -> None:
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}/bigbluebutton/api/getMeetings?checksum=0123456789abcdef"

transport = RequestsTransport()
session = requests.Session()

BENCHMARKS = [
    Benchmark(
        "a call, parsing not counted, to requests.Session",
        lambda: transport.send("GET", url).body,
        lambda: session.get(url).content,
        1.15,
    ),
]
