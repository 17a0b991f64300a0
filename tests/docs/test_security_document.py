"""docs/SECURITY.md: what stands against an attack is where it says, and so is the test that shows it."""
import re

import pytest

from support.program import CHECKOUT

TEXT = (CHECKOUT / "docs/SECURITY.md").read_text()
ROWS = [row for row in re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", TEXT, re.MULTILINE)
        if not row[0].startswith("what they try")]


def paths(cell):
    return re.findall(r"`([^`]+)`", cell)


@pytest.mark.parametrize("attempt, _, where, shown_by", ROWS, ids=[row[0] for row in ROWS])
def test_each_defence_has_a_place_and_a_test(attempt, _, where, shown_by):
    assert paths(where) and paths(shown_by)
    assert [path for path in paths(where) + paths(shown_by) if not (CHECKOUT / path).exists()] == []
    assert all("test" in path for path in paths(shown_by))
