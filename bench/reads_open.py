"""Requests at times that are fixed beforehand. A request that has to wait for its turn is late
already: its latency counts from when it was due."""
import asyncio
import re

CONNECTIONS = 64
LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")


class Client:
    def __init__(self, port, requests, rate, seconds):
        self.port, self.requests = port, requests
        self.count, self.rate = int(rate * seconds), rate
        self.latencies, self.failed = [], 0

    async def run(self):
        self.loop, self.due = asyncio.get_running_loop(), asyncio.Queue()
        streams = [await asyncio.open_connection("127.0.0.1", self.port) for _ in range(CONNECTIONS)]
        workers = [asyncio.create_task(self.work(*stream)) for stream in streams]
        began = self.loop.time() + 0.1
        for n in range(self.count):
            self.loop.call_at(began + n / self.rate, self.due.put_nowait, (n, began + n / self.rate))
        self.loop.call_at(began + self.count / self.rate, self.end)
        await asyncio.gather(*workers)
        for _, writer in streams:
            writer.close()

    def end(self):
        for _ in range(CONNECTIONS):
            self.due.put_nowait(None)

    async def work(self, reader, writer):
        while request := await self.due.get():
            n, due = request
            writer.write(self.requests[n % len(self.requests)])
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(LENGTH.search(head)[1]))
            self.latencies.append((self.loop.time() - due) * 1000)
            self.failed += not head.startswith(b"HTTP/1.1 200")


def as_bytes(line):
    path, _, token = line.partition(" ")
    authorization = f"Authorization: Bearer {token}\r\n" if token else ""
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\n{authorization}\r\n".encode()


def open_loop(port, lines, options):
    """Milliseconds of each request in the order of their ends, and how many weren't answered 200."""
    client = Client(port, [as_bytes(line) for line in lines], options.rate, options.seconds)
    asyncio.run(client.run())
    return client.latencies, client.failed
