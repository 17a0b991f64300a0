"""What the API answered in this run of the tests, so that the last of them can hold it against the OpenAPI document."""
import re
import threading

ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
SAMPLES = 3  # bodies kept of a kind of answer

_lock = threading.Lock()
answers = {}  # (method, path with ids as <id>, status) -> [(request's path, body)]


def note(response):
    """A hook of httpx: called with each answer before its body is read."""
    path = response.request.url.raw_path.decode("latin-1").split("?")[0]
    key = response.request.method, ID.sub("<id>", path), response.status_code
    with _lock:
        samples = answers.setdefault(key, [])
        if len(samples) == SAMPLES or not response.headers.get("content-type", "").startswith("application/json"):
            return
        samples.append((path, response))
