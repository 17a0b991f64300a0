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
# No statement reads them any more; the release before does, which must run on the new schema.
OF_THE_RELEASE_BEFORE = {"empty_digest_json", "feed_battle_json", "feed_template_json", "persona_json", "post_json",
                         "persona_digest_answers", "public_post_json", "template_json"}
FOR_OPERATORS = {"jobs_all", "recount_events"}  # docs/JOBS.md, docs/SCALING.md
UTILITY = re.compile(r"^\s*(CREATE|ALTER|SET|LISTEN|DO)\b", re.IGNORECASE)  # Postgres prepares queries only


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


def is_prepared(path):
    """A shape is the end of statements that include it."""
    return not UTILITY.match(code_of(path)) and not name_of(path).startswith("shapes/")


@pytest.mark.parametrize("path", list(filter(is_prepared, STATEMENTS)), ids=name_of)
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


def schema_outside_functions():
    """Triggers, views, defaults and indexes: what calls functions by itself."""
    texts = ((FOLDER.parent / "migrations" / file).read_text() for file in MIGRATIONS)
    return re.sub(r"--[^\n]*", "", "\n".join(FUNCTION.sub("", text) for text in texts))


def names_used():
    """Functions and views that the schema calls, or a statement, or a function that one of them
    calls."""
    views = dict(re.findall(r"^CREATE VIEW (\w+) AS(.*?);$", schema_outside_functions(), re.MULTILINE | re.DOTALL))
    bodies, used = FUNCTIONS | views, set()
    code = [re.sub(r"^CREATE VIEW .*?;$", "", schema_outside_functions(), flags=re.MULTILINE | re.DOTALL),
            *map(code_of, STATEMENTS)]
    while code:
        found = {name for name in bodies if re.search(rf"\b{name}\b", code[-1])} - used
        code[-1:] = [bodies[name] for name in found]
        used |= found
    return set(bodies), used


def test_what_nothing_uses_belongs_to_the_release_before():
    """A function or view goes with a migration of the release after the one that stops using it."""
    there, used = names_used()
    assert there - used == OF_THE_RELEASE_BEFORE | FOR_OPERATORS
