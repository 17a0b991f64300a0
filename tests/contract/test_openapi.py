"""GET /openapi.json says what the tables say, in OpenAPI 3.1."""
import re
import uuid

import openapi_spec_validator
import pytest

from support.openapi import route_table
from support.people import SAMPLES
from support.program import CHECKOUT
from support.sessions import LAST_ACTS, log_in

API_SOURCES = CHECKOUT / "backend/src/api"
ERROR_STATUS = 400
NAMED_VALUES = {"email": "a@example.org", "password": "long enough", "writing_samples": SAMPLES,
                "event_name": "follow_click", "topic": "Tabs or spaces"}


def test_the_document_is_valid_openapi_3_1(api):
    document = api.client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1.")
    openapi_spec_validator.validate(document)


def test_it_has_every_row_of_the_route_table_and_nothing_else(document):
    assert set(document.operations) == set(route_table())
    assert len({operation["operationId"] for operation in document.operations.values()}) == len(document.operations)


def test_it_is_revalidated_by_its_etag(api):
    first = api.client.get("/openapi.json")
    assert first.status_code == 200 and first.headers["Content-Type"].startswith("application/json")
    assert re.fullmatch(r'"\w+"', first.headers["ETag"])
    for known in (first.headers["ETag"], f'"other", {first.headers["ETag"]}', f'W/{first.headers["ETag"]}', "*"):
        again = api.client.get("/openapi.json", headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert api.client.get("/openapi.json", headers={"If-None-Match": '"other"'}).content == first.content


def test_every_route_succeeds_somehow_and_says_with_what(document):
    for operation in document.operations:
        successes = [status for status in document.statuses(operation) if status < 300]
        assert successes, operation
        for status in successes:
            content = document.operations[operation]["responses"][str(status)].get("content")
            assert content, f"{operation}: {status} has no shape in backend/src/api/openapi/schemas.json"


def test_no_shape_is_without_use(document):
    named = set(re.findall(r"#/components/schemas/([\w.]+)", str(document.json)))
    assert named == set(document.json["components"]["schemas"])


def test_statuses_of_the_rules(document):
    for key, operation in document.operations.items():
        statuses = document.statuses(key)
        if operation["security"] == [{"bearer": []}]:
            assert 401 in statuses, key
        if "requestBody" in operation:
            assert {400, 413} <= statuses, key
        if any(parameter["schema"].get("format") for parameter in operation["parameters"]):
            assert 400 in statuses, key


def test_every_query_parameter_that_is_read_is_named(document):
    read = {name for path in API_SOURCES.rglob("*.c")
            for name in re.findall(r'call_query_value\([^,]+, "(\w+)"\)', path.read_text())}
    named = {parameter["name"] for operation in document.operations.values()
             for parameter in operation["parameters"] if parameter["in"] == "query"}
    assert read and read == named


def some_value(name, schema):
    """A value that fits."""
    schema = schema.get("anyOf", [schema])[0]
    if name in NAMED_VALUES:
        return NAMED_VALUES[name]
    if "enum" in schema:
        return schema["enum"][0]
    if schema["type"] == "array":
        return [some_value("", schema["items"])] * schema.get("minItems", 0)
    if schema.get("format") == "uuid":
        return str(uuid.uuid4())
    return {"string": "x" * max(schema.get("minLength", 0), 3), "integer": max(schema.get("minimum", 1), 1),
            "boolean": True, "object": {}}[schema["type"]]


def past_bounds(schema):
    """Values just past each of the bounds."""
    schema = schema.get("anyOf", [schema])[0]
    kind = schema.get("type")
    if kind == "string" and "maxLength" in schema:
        yield "ş" * (schema["maxLength"] + 1)
    if kind == "string" and schema.get("minLength", 0) > 1:
        yield "x" * (schema["minLength"] - 1)
    if kind == "string" and "enum" in schema:
        yield "neither"
    if kind == "integer" and "minimum" in schema:
        yield schema["minimum"] - 1
    if kind == "integer" and "maximum" in schema:
        yield schema["maximum"] + 1
    if kind == "array" and "maxItems" in schema:
        yield [str(uuid.uuid4()) if schema["items"].get("format") else f"x{i}" for i in range(schema["maxItems"] + 1)]
    if kind == "array" and "maxLength" in schema["items"]:
        yield ["ş" * (schema["items"]["maxLength"] + 1)] * schema.get("minItems", 1)
    yield {"string": 1, "integer": "1", "array": "x", "boolean": "true", "object": 1}[kind]


def path_of(document, operation):
    """With an id in each place, also of the query, that wants one."""
    named = document.operations[operation]["parameters"]
    query = [f"{one['name']}={uuid.uuid4()}" for one in named if one["in"] == "query" and one["required"]]
    return "?".join([re.sub(r"\{\w+\}", str(uuid.uuid4()), operation[1]), *query])


def is_refused_for_its_body(answer):
    """A token that is none is one of its looks, as an id of nobody's is."""
    return answer.status_code == ERROR_STATUS and not re.search("not found|^invalid token$", answer.json()["error"])


@pytest.mark.parametrize("nothing", [None, ""])
@pytest.mark.parametrize("operation", [row for row in route_table() if row[0] in ("POST", "PUT")], ids=" ".join)
def test_null_and_blank_in_an_optional_field_mean_absent(document, user, operation, nothing):
    method, _ = operation
    schema = document.body_schema(operation)
    if not schema:
        return
    path = path_of(document, operation)
    good = {name: some_value(name, field)
            for name, field in schema["properties"].items() if name in schema["required"] or name in NAMED_VALUES}
    absent, blank = [user.request(method, path, json=good | dict.fromkeys(names, nothing))
                     for names in ((), schema["properties"].keys() - good.keys())]
    assert not is_refused_for_its_body(absent)
    assert blank.status_code in (absent.status_code, 409), blank.text  # of two sign-ups the second


@pytest.mark.parametrize("operation", [row for row in route_table()], ids=" ".join)
def test_a_route_without_input_ignores_its_body(document, user, operation):
    method, pattern = operation
    if document.body_schema(operation):
        return
    path = re.sub(r"\{\w+\}", str(uuid.uuid4()), pattern)
    asking = lambda: log_in(user) if operation in LAST_ACTS else user
    answers = [asking().request(method, path, content=body) for body in (b"", b"{}", b"{", b'{"a":1}{}', b"\xff\0")]
    assert len({answer.status_code for answer in answers}) == 1 and answers[0].status_code < 500


@pytest.mark.parametrize("operation", [row for row in route_table() if row[0] in ("POST", "PUT")], ids=" ".join)
def test_a_value_past_its_bound_is_refused_and_one_within_is_not(document, user, operation):
    method, _ = operation
    schema = document.body_schema(operation)
    if not schema:
        return
    path = path_of(document, operation)
    properties = schema["properties"]
    good = {name: some_value(name, field)
            for name, field in properties.items() if name in schema["required"] or name in NAMED_VALUES}
    assert not is_refused_for_its_body(user.request(method, path, json=good)), good
    for name, field in properties.items():
        for bad in past_bounds(field):
            answer = user.request(method, path, json=good | {name: bad})
            assert is_refused_for_its_body(
                answer) or answer.status_code == 401, f"{name} = {bad!r}: {answer.status_code} {answer.text}"
    for name in schema["required"]:
        answer = user.request(method, path, json={other: value for other, value in good.items() if other != name})
        assert is_refused_for_its_body(answer), f"without {name}: {answer.status_code} {answer.text}"
    assert is_refused_for_its_body(user.request(method, path, json=good | {"nickname": "x"}))
