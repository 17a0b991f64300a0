"""Pages with nothing on them, with a refusal, and under a dialog: who can use them, and how wide they
are. A long run looks at all of them, in both modes and languages; another at each page once."""
import itertools
import os

import pytest

from support.browser import PHONE
from support.states import DIALOG, States, reach
from support.tour import SIZES, axe, is_too_wide

LONG = os.environ.get("PERSONAWORLDS_LONG") == "1"
LOOKS = [*itertools.product(["light", "dark"], ["en", "tr"])] if LONG else [("dark", "tr")]


@pytest.fixture(scope="module")
def states(api, database):
    return States(api, database)


def too_wide(page):
    wide = []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        wide += [width] if is_too_wide(page) else []
    return [f"wider than {width} px" for width in wide]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("who", ["visitor", "newcomer", "user"])
@pytest.mark.parametrize("scheme, language", LOOKS)
def test_every_state_can_be_used_and_fits(browser, api, states, who, scheme, language):
    chosen = [state for state in (states.all() if LONG else states.few()) if state.who == who]
    found = {}
    with states.tab(browser, api, who, PHONE, color_scheme=scheme, locale=language, reduced_motion="reduce") as tab:
        for state in chosen:
            page = reach(tab, state)
            wrong = axe(page, DIALOG if state.name == "dialog" else None) + too_wide(page)
            page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
            found.setdefault(f"{state.name} {state.path}", []).extend(wrong)
    assert len(found) > 1 and not any(found.values()), "\n".join(f"{state}: {line}" for state, lines in found.items()
                                                              for line in lines)
