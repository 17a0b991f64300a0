"""Free loopback ports, below the range that the kernel gives to outgoing connections, so that nobody takes one between choice and use."""
import itertools
import os
import socket

_candidates = itertools.cycle(range(20000, 32000))
for _ in range(os.getpid() * 37 % 12000):
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
