"""A relay on the way to Postgres that reads along."""
import selectors
import socket
import socketserver
import threading
from collections import Counter


class Messages:
    """The messages in one direction as they become whole. A client's first has no type."""

    def __init__(self, has_startup):
        self._bytes, self._has_startup = b"", has_startup

    def read(self, data):
        self._bytes += data
        while len(self._bytes) >= 5:
            at = 0 if self._has_startup else 1
            end = at + int.from_bytes(self._bytes[at:at + 4], "big")
            if len(self._bytes) < end:
                return
            yield self._bytes[:at]
            self._bytes, self._has_startup = self._bytes[end:], False


SYNC = b"S\x00\x00\x00\x04"


class Relay:
    """`with Relay(port) as relay:` clients come to relay.port. `sent` counts their messages by type
    (Parse, Bind, Execute, Sync), and `untimely` those that came between a sync and its "ready for
    query". With `keeps_answers` clients get nothing any more of what the server says; with
    `keeps_commits` the server gets nothing from a client's next sync on, which would commit; with
    `cuts_writers` the connections end that may write, and none is made."""

    def __init__(self, port):
        self.sent, self.untimely = Counter(), 0
        self.keeps_answers = self.keeps_commits = self.cuts_writers = False
        relay = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                with socket.create_connection(("127.0.0.1", port)) as server:
                    relay._carry(self.request, server)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def _carry(self, client, server):
        asked, answered, waits = Messages(has_startup=True), Messages(has_startup=False), False
        is_kept, is_reader = False, False
        with selectors.DefaultSelector() as ready:
            ready.register(client, selectors.EVENT_READ)
            ready.register(server, selectors.EVENT_READ)
            while True:
                for key, _ in ready.select():
                    try:
                        data = key.fileobj.recv(65536)
                    except ConnectionError:
                        return
                    is_reader = is_reader or b"default_transaction_read_only=on" in data
                    if not data or self.cuts_writers and not is_reader:
                        return
                    if key.fileobj is server:
                        waits = waits and b"Z" not in list(answered.read(data))
                        client.sendall(b"" if self.keeps_answers else data)
                        continue
                    for kind in asked.read(data):
                        self.untimely += waits and kind != b"X"
                        self.sent[kind.decode()] += 1
                        waits = waits or kind == b"S"
                    if is_kept or self.keeps_commits and SYNC in data:
                        data, is_kept = b"" if is_kept else data[:data.index(SYNC)], True
                    server.sendall(data)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
