"""Requests as fast as they are answered: each connection asks for the next one when it has its
answer. One thread and one epoll, as in open_loop.py."""
import itertools
import select
import time

from open_loop import LOST, PATIENCE, Answer, Connection


def for_seconds(requests, seconds):
    """So many as are asked for in that time, in turn."""
    end = time.monotonic() + seconds
    return itertools.takewhile(lambda _: time.monotonic() < end, itertools.cycle(requests))


def closed_loop(ports, requests, connections):
    """The answers in the order of their ends; each port has the same number of the connections."""
    requests, answers, epoll, busy = iter(requests), [], select.epoll(), {}

    def ask(connection):
        if request := next(requests, None):
            connection.send(request, time.monotonic())
            busy[connection.socket.fileno()] = connection

    opened = [Connection(port, "127.0.0.1") for port in ports for _ in range(connections // len(ports))]
    try:
        for connection in opened:
            epoll.register(connection.socket, select.EPOLLIN)
            ask(connection)
        while busy:
            if not (ready := epoll.poll(PATIENCE)):
                raise TimeoutError(f"no answer for {PATIENCE} s")
            for number, _ in ready:
                connection = busy[number]
                if (status := connection.receive()) is None:
                    continue
                if status == LOST:
                    raise ConnectionError(f"cut off: {connection.request.kind}")
                del busy[number]
                answers.append(Answer(connection.request.kind, status, connection.due, connection.sent,
                                      time.monotonic()))
                ask(connection)
    finally:
        for connection in opened:
            connection.socket.close()
        epoll.close()
    return answers
