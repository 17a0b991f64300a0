"""What the program does where nothing is set, and how long it may take."""
import re

from support.program import CHECKOUT, run


def default(setting):
    """As `personaworlds config` says."""
    return re.search(rf"^\| `{setting}` \| `(.*?)`", run("config").stdout, re.MULTILINE)[1]


def seconds(duration):
    value, unit = re.fullmatch(r"(\d+)(ms|s|m)", duration).groups()
    return int(value) * {"ms": 0.001, "s": 1, "m": 60}[unit]


def longest_stop(service):
    """In seconds, from the signal on."""
    if service == "worker":
        return seconds(default("WORKER_DRAIN_TIMEOUT")) + 5
    drain_ms = re.search(r"DRAIN_MAX_MS = (\d+)", (CHECKOUT / "backend/src/api/http/server.c").read_text())[1]
    return seconds(default("API_STOP_DELAY")) + int(drain_ms) / 1000 + 5
