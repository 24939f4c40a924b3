"""A local address that keeps the alerts posted to it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class AlertReceiver:
    """Where to post, and what came.

    Attributes:
        url: of the address.
        alerts: documents in the order in which they came.
        answer: status that the next posts get.
    """

    url: str
    alerts: list[dict[str, Any]] = field(default_factory=list)
    answer: int = 200


@contextmanager
def alert_receiver() -> Iterator[AlertReceiver]:
    """Listens on a free port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.alerts.append(json.loads(body))
            self.send_response(receiver.answer)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver = AlertReceiver(f"http://127.0.0.1:{server.server_port}/alerts")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield receiver
        finally:
            server.shutdown()
