"""A process that serves the tested site at a socket it inherits, as one of several.

A few threads that stay, as production servers have them: each keeps its connection to the database.  The standard
library's handler reads no more of a request than the site does.
"""

import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from django.core.wsgi import get_wsgi_application

_THREADS = 6


class _Handler(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


class _Server(WSGIServer):
    def __init__(self, listener: socket.socket) -> None:
        super().__init__(listener.getsockname(), _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.server_name, self.server_port = listener.getsockname()
        self.setup_environ()
        self.set_app(get_wsgi_application())
        self._pool = ThreadPoolExecutor(_THREADS)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._pool.submit(self._answer, request, client_address)

    def _answer(self, request: Any, client_address: Any) -> None:
        try:
            self.finish_request(request, client_address)
        except ConnectionError:  # whoever asked does not want to know any more
            pass
        finally:
            self.shutdown_request(request)


if __name__ == "__main__":
    server = _Server(socket.socket(fileno=int(sys.argv[1])))
    print("ready", flush=True)
    server.serve_forever()
