"""Servers that are there and of no use, on a loopback port of their own."""
import socket

from support.ports import free_port


class Refusing:
    """Nobody listens."""

    def __enter__(self):
        self.port = free_port()
        return self

    def __exit__(self, *_):
        pass


class Silent:
    """Takes connections and never answers, as a machine does whose processes stand still."""

    backlog = 100

    def __init__(self, address="127.0.0.1", port=0):
        self._place = address, port or free_port()

    def __enter__(self):
        self._server = socket.socket()
        self._server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._server.bind(self._place)
        self._server.listen(self.backlog)
        self.port = self._place[1]
        return self

    def __exit__(self, *_):
        self._server.close()


class BlackHole(Silent):
    """Connections are never made, as to a machine that is gone: the kernel drops what doesn't fit
    into the queue."""

    backlog = 0

    def __enter__(self):
        super().__enter__()
        self._queue = []
        for _ in range(2):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(self._place)
            self._queue.append(client)
        return self

    def __exit__(self, *_):
        for client in self._queue:
            client.close()
        super().__exit__()
