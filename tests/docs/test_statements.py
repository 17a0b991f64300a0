"""Every statement prepares on the schema, and its top comment says how it is called."""
import re

import pytest

from support.program import CHECKOUT

FOLDER = CHECKOUT / "backend" / "sql"
STATEMENTS = sorted(FOLDER.rglob("*.sql"))
UTILITY = re.compile(r"^\s*(CREATE|ALTER|SET)\b", re.IGNORECASE)  # Postgres prepares queries only


def name_of(path):
    return str(path.relative_to(FOLDER).with_suffix(""))


def code_of(path):
    return re.sub(r"--[^\n]*", "", path.read_text())


def comment_of(path):
    return "\n".join(line for line in path.read_text().splitlines() if line.startswith("--"))


@pytest.mark.parametrize("path", [path for path in STATEMENTS if not UTILITY.match(code_of(path))], ids=name_of)
def test_a_statement_prepares(path, database):
    with database.connect() as connection:
        connection.execute(f"PREPARE statement AS {code_of(path)}")


@pytest.mark.parametrize("path", STATEMENTS, ids=name_of)
def test_a_statements_comment_names_its_parameters(path):
    used = set(re.findall(r"\$\d+", code_of(path)))
    assert path.read_text().startswith("--"), "no top comment"
    assert used <= set(re.findall(r"\$\d+", comment_of(path)))


@pytest.mark.parametrize("path", [path for path in STATEMENTS if "401, 'invalid token'" in path.read_text()], ids=name_of)
def test_a_statements_comment_names_its_errors(path):
    """What it answers stands in its first lines."""
    answered = set(re.findall(r"\b(4\d\d), '([^']+)'", code_of(path)))
    comment = " ".join(comment_of(path).replace("--", " ").split())
    assert [f"{status} {sentence}" for status, sentence in sorted(answered) if f"{status} {sentence}" not in comment] == []
