"""After all other tests of a whole run:
what was answered is documented, and what is documented was answered."""
import json
import re
from collections import defaultdict

import jsonschema
import pytest

from support import recorder

FORMATS = jsonschema.FormatChecker(["uuid", "date"])
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@FORMATS.checks("date-time")
def is_utc_time(value):
    """RFC 3339, in UTC."""
    return not isinstance(value, str) or bool(TIME.fullmatch(value))


# Framing, and a server that goes away, may give these on any route; they say nothing of the route.
OF_FRAMING = {400, 408, 413, 431}

# Documented answers that no test can bring about, each with its reason.
# One that is seen after all must go from here.
GONE_IS_NOBODY = "the statement's 401 is for a user who is gone, and on a public route that token counts as none"
NEVER_SEEN = {
    (("GET", "/b/{id}"), 401): GONE_IS_NOBODY,
    (("GET", "/p/{slug}"), 401): GONE_IS_NOBODY,
    (("GET", "/p/{slug}/posts"), 401): GONE_IS_NOBODY,
}


@pytest.fixture(scope="module")
def seen(document):
    """operation -> status -> the samples of it,
    of all requests of the run that mean an operation."""
    found = defaultdict(dict)
    for (method, path, status), samples in recorder.read().items():
        if operation := document.find(method, path):
            found[operation].setdefault(status, []).extend(samples)
    return found


def test_every_answer_that_was_given_is_documented(document, seen):
    answered = {(operation, status) for operation, statuses in seen.items() for status in statuses}
    assert answered
    assert sorted(item for item in answered if item[1] not in document.statuses(item[0]) | OF_FRAMING) == []


def test_every_body_that_was_given_has_its_shape(document, seen):
    off = []
    for operation, statuses in seen.items():
        for status, samples in statuses.items():
            schema = document.schema(operation, status) if status in document.statuses(operation) else None
            checker = schema and jsonschema.Draft202012Validator(schema, format_checker=FORMATS)
            for path, body in samples if checker else []:
                off += [f"{path} {status}: {error.message}" for error in checker.iter_errors(json.loads(body))]
    assert sorted(set(off)) == []


def test_every_answer_that_is_documented_was_given(document, seen):
    """What many routes answer alike has to be seen on one of them."""
    documented = {(operation, status) for operation in document.operations for status in document.statuses(operation)}
    answered = {(operation, status) for operation, statuses in seen.items() for status in statuses}
    anywhere = {status for operation, status in answered if status in document.statuses(operation)
                and document.is_shared(operation, status)}
    missing = {item for item in documented - answered if not (document.is_shared(*item) and item[1] in anywhere)}
    unseen = sorted(missing - NEVER_SEEN.keys())
    assert not unseen, "\n".join(f"{method} {pattern}: {status}" for (method, pattern), status in unseen)
    assert sorted(NEVER_SEEN.keys() - missing) == [], "seen, or gone: take them from NEVER_SEEN"
