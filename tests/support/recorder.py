"""What the API answered in a run of the tests, for tests/seen,
which holds it against the OpenAPI document.

Kept where PERSONAWORLDS_ANSWERS names a folder:
a file by each of the processes that share the tests, written as it ends.
"""
import json
import os
import pathlib
import re
import threading
from collections import defaultdict

ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
SAMPLES = 3  # bodies kept of a kind of answer
FOLDER = os.environ.get("PERSONAWORLDS_ANSWERS")

_lock = threading.Lock()
_answers = {}  # (method, path with ids as <id>, status) -> [(request's path, response)]


def note(response):
    """A hook of httpx: called with each answer before its body is read. That a page is as it was says
    nothing of the route, which may stand at the same address."""
    if response.status_code == 304 and "text/html" in response.request.headers.get("Accept", ""):
        return
    path = response.request.url.raw_path.decode("latin-1").split("?")[0]
    key = response.request.method, ID.sub("<id>", path), response.status_code
    with _lock:
        samples = _answers.setdefault(key, [])
        if len(samples) < SAMPLES and response.headers.get("content-type", "").startswith("application/json"):
            samples.append((path, response))


def write():
    if FOLDER and _answers:
        kept = [[*key, [[path, response.text] for path, response in samples if response.is_closed and response.content]]
                for key, samples in _answers.items()]
        pathlib.Path(FOLDER, f"{os.getpid()}.json").write_text(json.dumps(kept))


def read():
    """(method, path with ids as <id>, status) -> [(request's path, body)], of all processes."""
    assert FOLDER, "PERSONAWORLDS_ANSWERS names no folder: script/test alone runs this, after all other tests"
    answers = defaultdict(list)
    for file in pathlib.Path(FOLDER).glob("*.json"):
        for method, path, status, samples in json.loads(file.read_text()):
            answers[method, path, status] += samples
    return answers
