"""What cards look like, beside the golden pictures of support/golden_cards.py.

PERSONAWORLDS_GOLDEN=write makes them anew; look at what `git diff` shows before you commit it.
"""
import os

import pytest

from support.cards import as_png, difference, from_png
from support.golden_cards import ALIKE, CARDS, GOLDEN, from_golden, picture_of


@pytest.mark.parametrize("name", CARDS)
def test_a_card_looks_as_it_did(api, database, name, tmp_path):
    drawn = picture_of(api, database, *CARDS[name])
    golden = GOLDEN / f"{name}.png"
    if os.environ.get("PERSONAWORLDS_GOLDEN") == "write":
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_bytes(as_png(drawn))
    found = from_golden(name, drawn)
    if found >= ALIKE:
        (tmp_path / "drawn.png").write_bytes(as_png(drawn))
    assert found < ALIKE, f"compare {golden} with {tmp_path}/drawn.png"


@pytest.mark.parametrize("change", [
    pytest.param(lambda room, content, author, replies: (room, content.replace("review?", "judges?"), author, replies),
                 id="a word of the topic"),
    pytest.param(lambda room, content, author, replies: (room, content, author, replies[::-1]), id="the order"),
    pytest.param(lambda room, content, author, replies: (room, content, author, replies[:1]), id="a voice less"),
])
def test_a_card_that_says_something_else_looks_otherwise(api, database, change):
    """So the pictures above can differ at all."""
    drawn = picture_of(api, database, *change(*CARDS["2 voices"]))
    assert difference(drawn, from_png((GOLDEN / "2 voices.png").read_bytes())) > 1.2 * ALIKE


def test_the_name_of_an_arabic_room_ends_at_the_right(api, database):
    """At the end of the row where others end, too: the 520 pixels before the edge are its place."""
    width = 1200 // 5
    for name in ("Arabic", "2 voices"):
        small = from_png((GOLDEN / f"{name}.png").read_bytes())
        drawn = picture_of(api, database, *CARDS[name])
        for picture in (small, drawn):
            bright = [x for y in range(8, 16) for x in range(120, width)
                      if max(picture[3 * (y * width + x):3 * (y * width + x) + 3]) > 0x60]
            assert 224 <= max(bright) < 229 and min(bright) > 190
