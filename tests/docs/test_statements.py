"""Every statement prepares on the schema, and its top comment says how it is called."""
import re

import pytest

from support.program import CHECKOUT, MIGRATIONS
from support.statements import numbered_anew, parts_of, text_of

FOLDER = CHECKOUT / "backend" / "sql"
STATEMENTS = sorted(FOLDER.rglob("*.sql"))
FUNCTION = re.compile(r"^CREATE (?:OR REPLACE )?FUNCTION (\w+)\(.*?\$\$(.*?)\$\$;", re.MULTILINE | re.DOTALL)
FUNCTIONS = {name: body for file in MIGRATIONS
             for name, body in FUNCTION.findall((FOLDER.parent / "migrations" / file).read_text())}
UTILITY = re.compile(r"^\s*(CREATE|ALTER|SET|LISTEN)\b", re.IGNORECASE)  # Postgres prepares queries only


def name_of(path):
    return str(path.relative_to(FOLDER).with_suffix(""))


def code_of(path):
    return re.sub(r"--[^\n]*", "", text_of(name_of(path)))


def rules_of(path):
    """Its code, with that of the functions that it calls."""
    code = code_of(path)
    return code + "".join(body for name, body in FUNCTIONS.items() if f"{name}(" in code)


def comment_of(path):
    return "\n".join(line for line in path.read_text().splitlines() if line.startswith("--"))


@pytest.mark.parametrize("path", [path for path in STATEMENTS if not UTILITY.match(code_of(path))], ids=name_of)
def test_a_statement_prepares(path, database):
    for _, code in parts_of(name_of(path)):
        with database.connect() as connection:
            connection.execute(f"PREPARE statement AS {numbered_anew(code)[0]}")


@pytest.mark.parametrize("path", STATEMENTS, ids=name_of)
def test_a_statements_comment_names_its_parameters(path):
    used = set(re.findall(r"\$\d+", code_of(path)))
    assert path.read_text().startswith("--"), "no top comment"
    assert used <= set(re.findall(r"\$\d+", comment_of(path)))


@pytest.mark.parametrize("path", [path for path in STATEMENTS if "401, 'invalid token'" in rules_of(path)], ids=name_of)
def test_a_statements_comment_names_its_errors(path):
    """What it answers stands in its first lines."""
    answered = set(re.findall(r"\b(4\d\d), '([^']+)'", rules_of(path)))
    comment = " ".join(comment_of(path).replace("--", " ").split())
    assert [f"{status} {sentence}"
            for status, sentence in sorted(answered) if f"{status} {sentence}" not in comment] == []
