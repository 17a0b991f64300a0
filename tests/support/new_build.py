"""An API that gets another build of its pages while tabs are open: the same one, behind a proxy that
gives its files other names and its streams another build."""
import contextlib
import http.client
import re
import socket
import socketserver
import threading
from http.server import BaseHTTPRequestHandler

# A file of the pages: its content's hash, and behind it here the build's number.
FILE = re.compile(rb"\b([A-Za-z0-9_-]{8})(\.(?:js|css))\b")
ASKED = re.compile(r"/a/([A-Za-z0-9_-]{8})(\d*)(\.\w+)$")
BUILD = re.compile(rb'("build":"[^"]*)"')
NOT_PASSED_ON = {"connection", "keep-alive", "transfer-encoding", "content-length", "etag"}


class NewBuild:
    """`with NewBuild(api) as site:` a tab may go to `site` as to an API. `deploy()` makes it another
    build: what its files were called before isn't there any more, and streams begin anew where they
    are cut. What `is_missing(name)` says isn't there at all."""

    def __init__(self, api):
        self.api, self.number, self.streams = api, 0, set()
        self.is_missing = lambda name: False
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                site._serve(self)

            do_POST = do_PUT = do_DELETE = do_GET

            def log_message(self, *_):
                pass

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def deploy(self, cut_streams=True):
        self.number += 1
        if cut_streams:
            self._cut()

    def _cut(self):
        for connection in list(self.streams):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _serve(self, client):
        asked = ASKED.match(client.path)
        path, body = client.path, client.rfile.read(int(client.headers.get("Content-Length", 0)))
        if asked:
            name, number, ending = asked.groups()
            path = f"/a/{name}{ending}"
            if number != self._mark() or self.is_missing(name):
                self._send(client, 404, [], b"")
                return
        upstream = http.client.HTTPConnection("127.0.0.1", self.api.port, timeout=60)
        headers = {name: value for name, value in client.headers.items()
                   if name.lower() not in ("accept-encoding", "connection")}
        try:
            upstream.request(client.command, path, body or None, headers)
            connection = upstream.sock
            answer = upstream.getresponse()
            kind = answer.headers.get("Content-Type", "")
            if kind.startswith("text/event-stream"):
                self._follow(client, connection, answer)
            else:
                self._send(client, answer.status, answer.getheaders(), self._renamed(kind, answer.read()))
        except OSError:
            client.close_connection = True
        finally:
            upstream.close()

    def _mark(self):
        return str(self.number) if self.number else ""

    def _renamed(self, kind, body):
        if not re.match(r"text/(html|css|javascript)", kind):
            return body
        return FILE.sub(rb"\g<1>" + self._mark().encode() + rb"\g<2>", body)

    def _send(self, client, status, headers, body):
        client.send_response_only(status)
        is_text = any(value.startswith("text/") for name, value in headers if name == "Content-Type")
        for name, value in headers:
            if name.lower() not in NOT_PASSED_ON or (name == "ETag" and not is_text):
                client.send_header(name, value)
        if status not in (204, 304):
            client.send_header("Content-Length", str(len(body)))
        client.end_headers()
        client.wfile.write(body)

    def _follow(self, client, connection, answer):
        """To the end, or until it is cut."""
        client.send_response_only(answer.status)
        client.send_header("Content-Type", "text/event-stream")
        client.send_header("Connection", "close")
        client.end_headers()
        client.close_connection = True
        number = self._mark().encode()
        self.streams.add(connection)
        try:
            while data := answer.read1(65536):
                client.wfile.write(BUILD.sub(rb"\g<1>" + number + b'"', data))
                client.wfile.flush()
        except (OSError, http.client.HTTPException, ValueError):
            pass
        finally:
            self.streams.discard(connection)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._cut()
        self._server.server_close()
        self._thread.join()
