"""A service that only answers probes, with made-up metrics, for tests of commands that scrape.

    with FakeService({'http_requests_total{route="/feed",status="500"}': (0, 40)}) as api:
        ...                     # api.url; the first scrape of /metrics says 0, those after it 40

A metric's value is a number, or two: at the first scrape and from then on. `ready` is None, or the
reason that /readyz gives with its 503. `unhealthy` is the same for both probes.
"""
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LONG_AGO = 30 * 24 * 3600


def histogram(name, labels, buckets):
    """A family's series from {edge: observations up to it},
    all of them gained between the scrapes."""
    return {f'{name}_bucket{{{labels}{"," if labels else ""}le="{edge}"}}': (0, count)
            for edge, count in buckets.items()}


class FakeService:
    def __init__(self, metrics=None, ready=None, age=LONG_AGO):
        self.metrics = {"process_start_time_seconds": time.time() - age} | (metrics or {})
        self.ready, self.unhealthy, self.scrapes = ready, None, 0
        self.paths = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                service.paths.append(self.path)
                status, body = service.answer(self.path)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            request_queue_size = 64  # many questions come at once
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def probe(self, reason):
        return (503, json.dumps({"ok": False, "error": reason}).encode()) if reason else (200, b'{"ok":true}')

    def answer(self, path):
        if path == "/healthz":
            return self.probe(self.unhealthy)
        if path == "/readyz":
            return self.probe(self.unhealthy or self.ready)
        if path == "/metrics":
            return 200, self.page().encode()
        return 404, b""

    def add(self, changes):
        """Onto what the series are now; all at once."""
        self.metrics = self.metrics | {series: self.metrics.get(series, 0) + value for series, value in changes.items()}

    def page(self):
        self.scrapes += 1
        lines = (f"{series} {value[self.scrapes > 1] if isinstance(value, tuple) else value}\n"
                 for series, value in self.metrics.items())
        return "".join(lines)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class FakePrometheus(FakeService):
    """Answers increase(name[…]) with the vectors that are given by name: [(labels, value), …]."""

    def __init__(self, vectors):
        super().__init__()
        self.vectors = vectors

    def answer(self, path):
        name = path.partition("increase(")[2].partition("%5B")[0]
        result = [{"metric": labels, "value": [time.time(), str(value)]}
                  for labels, value in self.vectors.get(name, [])]
        return 200, json.dumps({"status": "success", "data": {"resultType": "vector", "result": result}}).encode()
