"""Starting a battle in a browser."""
import pytest

from support.browser import PHONE, Tab, address, lose_answer, returned
from support.people import made, new_room, sign_up
from support.program import Api
from support.waiting import eventually

TOPIC = "Should every prompt change go through code review?"
START = "form button[type=submit]"


@pytest.fixture
def user(api):
    return sign_up(api)


@pytest.fixture
def tab(browser, api, user):
    with Tab(browser, api) as tab:
        tab.log_in(user)
        yield tab


def battles(database, user):
    return database.count("posts", user_id=user.id, status="PUBLISHED")


def test_a_topic_becomes_a_battle_once(tab, api, user, database):
    user.persona()
    room = new_room(database)
    page = tab.go(f"/battles/new?room={room.id}&topic=Ta")
    page.wait_for_selector("text=At least 3 characters.")
    assert page.is_disabled(START) and page.input_value("select[name=room_id]") == room.id
    page.fill("textarea[name=topic]", TOPIC)
    page.evaluate(f"() => {{ const press = document.querySelector('{START}'); press.click(); press.click(); }}")
    page.wait_for_url(f"{address(api)}/b/*")
    page.wait_for_selector(f"h1:text-is('{TOPIC}')")
    assert battles(database, user) == 1 and not tab.kept(f"pw.keep.{user.id}.battle.")


@pytest.mark.parametrize("is_changed", [False, True])
def test_a_template_that_a_link_names_is_taken_and_counted(tab, api, user, database, is_changed):
    template = made(user.post("/templates", json={"name": "Sharp", "prompt_rules": "Be brief.", "turn_count": 4,
                                                  "word_limit": 80, "is_public": True}), 201)
    page = tab.go(f"/battles/new?template={template.id}")
    page.wait_for_selector("text=Be brief.")
    page.fill("textarea[name=topic]", TOPIC)
    if is_changed:
        page.select_option("select[name=template_id]", "")
    page.click(START)
    battle = page.wait_for_url(f"{address(api)}/b/*").rpartition("/")[2]
    used = database.value("SELECT template_id::text FROM posts WHERE id = %s", battle)
    assert (used == template.id) is not is_changed

    def counted():
        return [row["metadata"] for row in database.rows(
            "SELECT metadata FROM events WHERE event_name = 'template_used_from_feed' AND user_id = %s", user.id)]

    expected = [] if is_changed else [{"template_id": template.id, "battle_id": battle}]
    eventually(lambda: [{name: one[name] for name in ("template_id", "battle_id")} for one in counted()] == expected)


@pytest.mark.parametrize("length, is_taken", [(180, True), (181, False)])
def test_a_topic_has_180_characters(tab, length, is_taken):
    page = tab.go("/battles/new")
    page.fill("textarea[name=topic]", "😀" + "x" * (length - 1))
    page.wait_for_selector(f"text={length}/180")
    assert page.is_disabled(START) is not is_taken


def test_what_was_typed_stays_until_it_is_discarded(tab, user):
    page = tab.go("/battles/new")
    page.fill("textarea[name=topic]", TOPIC)
    page.reload()
    page.wait_for_selector("text=Restored what you typed.")
    assert page.input_value("textarea[name=topic]") == TOPIC
    page.click("button:text-is('Discard')")
    assert page.input_value("textarea[name=topic]") == "" and tab.kept(f"pw.keep.{user.id}.battle.") is None


def test_an_api_that_goes_between_makes_one_battle(browser, database):
    with Api(database.url) as api, Tab(browser, api) as tab:
        user = sign_up(api)
        tab.log_in(user)
        tab.announce(0, 503)
        page = tab.go("/battles/new")
        page.fill("textarea[name=topic]", TOPIC)
        api.kill()
        page.click(START)
        page.wait_for_selector("[role=alert] >> text=You're offline.")
        assert page.input_value("textarea[name=topic]") == TOPIC
        with returned(database, api):
            page.click(START)
            page.wait_for_url(f"{address(api)}/b/*")
            assert battles(database, user) == 1


def test_an_answer_that_is_lost_is_no_second_battle(tab, api, user, database):
    """The server has done it; the connection ends before the answer is there."""
    tab.announce(0)
    page = tab.go("/battles/new")
    page.fill("textarea[name=topic]", TOPIC)
    lose_answer(page, "**/rooms/*/battles")
    page.click(START)
    page.wait_for_selector("[role=alert]")
    page.click(START)
    page.wait_for_url(f"{address(api)}/b/*")
    assert battles(database, user) == 1


def test_the_whole_form_goes_by_keyboard(browser, api, user, database):
    with Tab(browser, api, PHONE, locale="tr") as tab:
        tab.log_in(user)
        page = tab.go("/battles/new")
        page.focus("textarea[name=topic]")
        page.keyboard.type(TOPIC)
        page.keyboard.press("Control+Enter")
        page.wait_for_url(f"{address(api)}/b/*")
        assert battles(database, user) == 1
