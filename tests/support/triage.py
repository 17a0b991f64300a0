"""`personaworlds triage` as an operator calls it, and what it found."""
import json
import time

from support.program import run


def triage(*flags, api, worker, within=10, sample="50ms", **settings):
    apis = [flag for url in (api if isinstance(api, list) else [api]) for flag in ("--api", url)]
    began = time.monotonic()
    deployment = [] if "--as" in flags else ["--as", "compose"]
    done = run("triage", *apis, "--worker", worker, "--sample", sample, *deployment, *flags, **settings)
    assert time.monotonic() - began < within
    assert done.stderr == "", done.stderr
    return done


def look(*flags, **where):
    done = triage("--json", *flags, **where)
    seen = json.loads(done.stdout)
    warns = [finding["is_warning"] for finding in seen["findings"]]
    assert done.returncode == (0 if not warns else 2 if all(warns) else 1)
    return seen


def found(seen):
    return [finding["id"] for finding in seen["findings"]]


def finding(seen, id):
    """The only one there is."""
    assert found(seen) == [id], json.dumps(seen["findings"], indent=1)
    return seen["findings"][0]


def status(seen, id):
    return next(check["status"] for check in seen["checks"] if check["id"] == id)
