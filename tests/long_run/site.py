"""The site in a process of its own: takes callbacks by HTTP on the port it is given."""

import sys

from .life import Life


def main() -> None:
    Life.from_environment().begin()

    from django.core.wsgi import get_wsgi_application
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - Werkzeug's name
            pass

    server = make_server("127.0.0.1", int(sys.argv[1]), get_wsgi_application(), threaded=True, request_handler=Quiet)
    print("ready", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
