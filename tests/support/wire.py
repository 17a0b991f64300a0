"""HTTP as bytes on a socket, for what a well-behaved client never sends."""
import contextlib
import select
import socket
import time


class Answer:
    def __init__(self, status, headers, body):
        self.status_code, self.headers, self.body = status, headers, body

    def __repr__(self):
        return f"<{self.status_code} {self.body[:200]!r}>"


class Connection:
    """A socket that is read answer by answer."""

    def __init__(self, port, within=10, source=None):
        """From an address of 127.0.0.0/8, where `source` is one: the server sees another client."""
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=within,
                                               source_address=source and (source, 0))
        self._rest = b""

    def send(self, data):
        """False where the other side has closed."""
        try:
            self.socket.sendall(data if isinstance(data, bytes) else data.encode())
            return True
        except OSError:
            return False

    def drip(self, data, every, for_at_most):
        """Sends a byte `every` seconds until the server answers, closes, or time is up;
        gives the seconds that this took."""
        started = time.monotonic()
        for byte in data:
            readable, _, _ = select.select([self.socket], [], [], every)
            if readable or time.monotonic() - started > for_at_most or not self.send(bytes([byte])):
                break
        return time.monotonic() - started

    def finish_sending(self):
        with contextlib.suppress(OSError):  # the other side may have closed already
            self.socket.shutdown(socket.SHUT_WR)

    def _more(self):
        try:
            data = self.socket.recv(65536)
        except ConnectionError:
            data = b""
        self._rest += data
        return bool(data)

    def _until(self, mark):
        while mark not in self._rest:
            if not self._more():
                return None
        found, self._rest = self._rest.split(mark, 1)
        return found

    def answer(self, head=False):
        """The next answer, or None where the server closed without one.
        A timeout is an error of the test's server."""
        block = self._until(b"\r\n\r\n")
        if block is None:
            return None
        first, *lines = block.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        status = int(first.split()[1])
        if status == 100:
            return self.answer(head)
        length = 0 if head else int(headers.get("content-length", 0))
        while len(self._rest) < length and self._more():
            pass
        body, self._rest = self._rest[:length], self._rest[length:]
        return Answer(status, headers, body)

    def everything(self, within=5):
        """All bytes that the server still says, up to its end of the connection."""
        end = time.monotonic() + within
        self.socket.settimeout(within)
        while self._more():
            self.socket.settimeout(max(end - time.monotonic(), 0.001))
        said, self._rest = self._rest, b""
        return said

    def goes_ahead(self):
        """The server has answered `Expect: 100-continue`."""
        return (self._until(b"\r\n\r\n") or b"").startswith(b"HTTP/1.1 100")

    def closed(self, within=5):
        """The server ends the connection, and says nothing more."""
        self.socket.settimeout(within)
        try:
            while self._more():
                pass
        except TimeoutError:
            return False
        return True

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def request(method, target, *headers, body=b"", host="localhost"):
    """The bytes of one HTTP/1.1 request; a length is added where there is a body and no framing
    among the headers."""
    body = body if isinstance(body, bytes) else body.encode()
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}", *headers]
    if body and not any(name.lower().startswith(("content-length", "transfer-encoding")) for name in headers):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def chunked(*parts):
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
