"""A service as operators' commands see it: health and metrics on a loopback port, said by the test.

    with FakeService({'queue_depth{type="generate_reply"}': 3}) as api:
        api.unready = "database ping failed"
        api.metrics['queue_depth{type="generate_reply"}'] = 4
"""
import http.server
import json
import threading


class FakeService:
    def __init__(self, metrics=()):
        self.metrics = dict(metrics)  # by series, labels and all
        self.unready = None  # why /healthz and /readyz answer 503
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                status, body = service._answer(self.path)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_port}"

    def _answer(self, path):
        if path == "/metrics":
            return 200, "".join(f"{series} {value}\n" for series, value in self.metrics.items()).encode()
        if path in ("/healthz", "/readyz"):
            return (503, json.dumps({"ok": False, "error": self.unready}).encode()) if self.unready else (200, b'{"ok":true}')
        return 404, b""

    def add(self, changes):
        """Onto what the series are now; all at once."""
        self.metrics = self.metrics | {series: self.metrics.get(series, 0) + value for series, value in changes.items()}

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
