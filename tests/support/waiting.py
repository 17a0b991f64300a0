"""Waiting for conditions, and doing things at the same time."""
import time
from concurrent.futures import ThreadPoolExecutor

PAUSE = 0.01


def eventually(condition, within=5.0, pause=PAUSE):
    """What `condition()` gives as soon as that is true.
    An AssertionError in it means "not yet"; the last one is raised when time is up."""
    end = time.monotonic() + within
    while True:
        reason = None
        try:
            value = condition()
            if value:
                return value
        except AssertionError as failed:
            reason = failed
        if time.monotonic() >= end:
            raise reason or AssertionError(f"not within {within} s; the last value was {value!r}")
        time.sleep(pause)


def at_once(*acts):
    """The results of calling all of them at the same time."""
    with ThreadPoolExecutor(len(acts)) as pool:
        return [call.result() for call in [pool.submit(act) for act in acts]]


def in_parallel(n, act):
    """The results of n calls of `act` at the same time."""
    return at_once(*[act] * n)


def only(answers, status):
    """The one answer that has this status."""
    found = [answer for answer in answers if answer.status_code == status]
    assert len(found) == 1, f"{len(found)} answers with status {status}"
    return found[0]
