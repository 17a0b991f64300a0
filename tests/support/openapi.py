"""The API's document and its table of routes, as tests use them."""
import re

from support.program import CHECKOUT

ROW = re.compile(r"^\s*\{ METHOD_(\w+),\s+\"([^\"]+)\"", re.MULTILINE)


def route_table():
    """(method, pattern) of each row in routes.c,
    the patterns as metrics and the document name them."""
    text = (CHECKOUT / "backend/src/api/http/routes.c").read_text()
    return [(method, re.sub(r":[^}]*", "", path)) for method, path in ROW.findall(text)]


def strict(schema):
    """The schema, with nothing allowed beside the properties that it names:
    additions to the API belong into the document."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {"additionalProperties": False} if schema.get("type") == "object" and schema.get("properties") else {}
    return closed | {name: strict(value) for name, value in schema.items()}


class Document:
    def __init__(self, json):
        self.json = json | {"components": json["components"] | {"schemas": strict(json["components"]["schemas"])}}
        self.operations = {(method.upper(), pattern): operation for pattern, methods in json["paths"].items()
                           for method, operation in methods.items()}
        by_variables = sorted(json["paths"], key=lambda pattern: pattern.count("{"))
        self._patterns = [(pattern, re.compile(re.sub(r"\\\{\w+\\\}", "[^/]*", re.escape(pattern))))
                          for pattern in by_variables]

    def find(self, method, path):
        """The operation that a path means: (method, pattern), or None."""
        for pattern, expression in self._patterns:
            if (method, pattern) in self.operations and expression.fullmatch(path):
                return method, pattern
        return None

    def resolve(self, part):
        while "$ref" in part:
            found = self.json
            for name in part["$ref"].removeprefix("#/").split("/"):
                found = found[name]
            part = found
        return part

    def statuses(self, operation):
        return {int(status) for status in self.operations[operation]["responses"]}

    def is_shared(self, operation, status):
        """One of the answers that many routes give alike, before they do anything of their own."""
        return "$ref" in self.operations[operation]["responses"][str(status)]

    def schema(self, operation, status):
        """Of the JSON body, complete in itself; None where there is no such body."""
        response = self.resolve(self.operations[operation]["responses"][str(status)])
        schema = response.get("content", {}).get("application/json", {}).get("schema")
        return schema and schema | {"components": self.json["components"]}

    def body_schema(self, operation):
        body = self.operations[operation].get("requestBody")
        return body and body["content"]["application/json"]["schema"]
