"""The golden answers of the servers that people run (backend/tests/data/model_answers.jsonl)."""
import json
import pathlib
import re
from dataclasses import dataclass

from fakes.openai import raw

FILE = pathlib.Path(__file__).resolve().parents[2] / "backend/tests/data/model_answers.jsonl"
LEAK = "LEAK"  # stands in all that must not be published


@dataclass(frozen=True)
class Golden:
    name: str
    body: dict
    text: str | None  # None: the answer has none that may be published

    @property
    def step(self):
        return raw(self.body)


def numbered(request):
    """The answer to a request about "Post 7" or "Persona 7": the seventh, however often it is asked."""
    return GOLDEN[int(re.search(r"(?:Post|Persona) (\d+)", request.user)[1]) - 1].step


def _golden(row):
    body = row.get("body") or {"choices": [{"finish_reason": "stop",
                                            "message": {"role": "assistant", "content": row["content"]}}]}
    return Golden(f"{row['server']}: {row['case']}", body, row.get("text"))


GOLDEN = [_golden(json.loads(line)) for line in FILE.read_text().splitlines()]


def assert_no_leak(database):
    """In no row of any table."""
    tables = [row["name"] for row in database.rows(
        "SELECT relname AS name FROM pg_class WHERE relkind IN ('r', 'p') "
        "AND NOT relispartition AND relnamespace = 'public'::regnamespace")]
    assert len(tables) > 15
    leaks = {table: database.value(f"SELECT count(*) FROM {table} AS entry WHERE entry::text LIKE %s", f"%{LEAK}%")
             for table in tables}
    assert not any(leaks.values()), leaks
