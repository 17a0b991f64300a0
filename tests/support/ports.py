"""Free loopback ports, below the range that the kernel gives to outgoing connections, so that
nobody takes one between choice and use: nor does another of the processes that share a run's tests,
as each has ports of its own."""
import itertools
import os
import socket

_processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 1))
_candidates = itertools.cycle(range(20000 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]), 32000, _processes))
for _ in range(os.getpid() * 37 % (12000 // _processes)):
    next(_candidates)


def free_port():
    for port in _candidates:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("", port))
                return port
            except OSError:
                continue
