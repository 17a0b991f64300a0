"""What people may write to break a page: in a browser nothing of it runs, hides or overlaps."""
import pytest

from support.browser import DESKTOP, NARROW
from support.hostile import HOSTILE, write_everywhere
from support.tour import Tour, is_too_wide, visit

# What a text would have to add to do harm; a persona's mark is an svg without any of these.
FOREIGN = ("#main :is(script, iframe, object, embed, base, meta, style, link, "
           "[onload], [onerror], [onmouseover], [onfocus])")
OVERLAPS = """() => {
    const boxes = [...document.querySelectorAll('#main article')].filter(box => !box.querySelector('article'))
        .map(element => [element, element.getBoundingClientRect()]);
    return boxes.filter(([element, box], at) => boxes.slice(at + 1).some(([other, next]) =>
        !element.contains(other) && box.left < next.right - 1 && next.left < box.right - 1 &&
        box.top < next.bottom - 1 && next.top < box.bottom - 1)).map(([element]) => element.textContent.slice(0, 80));
}"""


@pytest.fixture(scope="module")
def tour(api, database):
    return Tour(api, database)


@pytest.fixture(scope="module")
def hostile(database, tour):
    """The paths of all battles and profiles; one battle has all the replies."""
    paths = write_everywhere(database, tour.world)
    database.execute("INSERT INTO replies (post_id, persona_id, user_id, content) "
                     "SELECT %s, id, user_id, name FROM personas WHERE user_id = %s AND id <> %s",
                     tour.world.battle.id, tour.world.user.id, tour.world.persona.id)
    database.execute("INSERT INTO posts (room_id, user_id, persona_id, authored_by, status, content) "
                     "SELECT %s, user_id, id, 'AI', 'DRAFT', name FROM personas WHERE user_id = %s",
                     tour.world.room.id, tour.world.user.id)
    return paths


def harm(page):
    found = page.locator(FOREIGN).count()
    return [*(["a foreign element"] * found), *(["too wide"] if is_too_wide(page) else []), *page.evaluate(OVERLAPS)]


@pytest.mark.timeout(180)
@pytest.mark.parametrize("who, size", [("visitor", NARROW), ("user", NARROW), ("user", DESKTOP)])
def test_sixty_texts_do_nothing_on_any_page(browser, api, tour, hostile, who, size):
    with tour.tab(browser, api, who, size) as tab:
        asked = []
        tab.page.on("dialog", lambda dialog: asked.append(dialog.message) or dialog.dismiss())
        found = {path: harm(visit(tab, path)) for path in tour.paths(who)}
        assert not asked and not any(found.values()), {path: lines for path, lines in found.items() if lines}


@pytest.mark.timeout(180)
def test_each_battle_and_profile_shows_its_text(browser, api, tour, hostile):
    with tour.tab(browser, api, "visitor", NARROW) as tab:
        asked = []
        tab.page.on("dialog", lambda dialog: asked.append(dialog.message) or dialog.dismiss())
        for text, paths in zip(HOSTILE, hostile, strict=True):
            for path in paths:
                assert not harm(visit(tab, path)), (text, path)
        assert not asked
