"""Search: what is found by its words, by whom, and that the work is bounded whatever is asked."""
import itertools
import time

import pytest

from support.people import new_room, sign_up
from support.program import Api
from support.statements import code_of

WINDOW, PAGE = 1000, 20  # rows that are looked at for words that aren't rare; results of a page
_words = itertools.count(1)


def new_word(letters="abcdefghij"):
    """One that nobody has written yet."""
    return "w" + "".join(letters[int(digit)] for digit in f"{time.time_ns()}{next(_words)}")


def search(user, q, **query):
    answer = user.get("/search", params={"q": q} | query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def found(user, q, **query):
    return [(result["kind"], result["title"]) for result in search(user, q, **query)["results"]]


def ids(user, q, **query):
    return [result["id"] for result in search(user, q, **query)["results"]]


def all_pages(user, q, **query):
    """Each result of all pages, and how many pages there are."""
    results, pages, cursor = [], 0, ""
    while cursor or not pages:
        page = search(user, q, cursor=cursor, **query)
        assert len(page["results"]) <= query.get("limit", 20)
        results, pages, cursor = results + page["results"], pages + 1, page["next_cursor"]
    return results, pages


@pytest.fixture
def room(database):
    return new_room(database)


@pytest.fixture
def persona(user):
    return user.persona()


def write_posts(database, user, room, texts, status="PUBLISHED"):
    """Straight into the table, the newest last, a second apart."""
    database.execute("""
        INSERT INTO posts (room_id, user_id, authored_by, status, content, published_at, created_at, updated_at)
        SELECT %s, %s, 'HUMAN', %s::post_status_enum, text, at, at, at
        FROM unnest(%s::text[]) WITH ORDINALITY t (text, n),
             LATERAL (SELECT now() - (100000 - n) * interval '1 second') a (at)
        """, room.id, user.id, status, texts)


def test_each_kind_is_found_by_its_words(user, database, room, persona):
    word = new_word()
    post = user.publish(persona, room, f"Topic: Is {word} worth it?\n\nSome say so.")
    named = user.persona(name=f"The {word}")
    page = user.post(f"/personas/{named.id}/publish-profile", json={"bio": "Says little."}).json()
    template = user.post("/templates", json={"name": f"Debate {word}", "prompt_rules": "Be brief.", "turn_count": 3,
                                             "word_limit": 100, "is_public": True}).json()
    named_room = new_room(database, f"Room {word}")
    results = {result["kind"]: result for result in search(sign_up(user.api), word.upper())["results"]}
    assert set(results) == {"battle", "persona", "template", "room"}
    battle = results["battle"]
    assert battle == {"kind": "battle", "id": post.id, "title": f"Is {word} worth it?", "room_name": room.name,
                      "excerpt": f"Topic: Is {word} worth it? Some say so.", "created_at": battle["created_at"],
                      "url": f"/b/{post.id}"}
    assert (results["persona"]["id"], results["persona"]["title"], results["persona"]["excerpt"],
            results["persona"]["url"]) == (named.id, f"The {word}", "Says little.", f"/p/{page['slug']}")
    assert (results["template"]["id"], results["template"]["url"]) == (
        template["id"], f"/templates?template={template['id']}")
    assert (results["room"]["title"], results["room"]["url"]) == (f"Room {word}", f"/rooms/{named_room.id}")
    for kind, result in results.items():
        assert search(user, word, kind=kind)["results"] == [result]


def test_what_is_not_public_is_never_found(user, database, room, persona):
    word = new_word()
    user.draft(persona, room)
    write_posts(database, user, room, [f"A draft about {word}"], status="DRAFT")
    user.persona(name=f"Hidden {word}", bio=f"{word} {word}")
    gone = user.persona(name=f"Gone {word}")
    user.post(f"/personas/{gone.id}/publish-profile", json={"bio": word})
    user.post(f"/personas/{gone.id}/unpublish-profile", json={})
    user.post("/templates", json={"name": f"Own {word}", "prompt_rules": word, "turn_count": 3, "word_limit": 100,
                                  "is_public": False})
    assert search(user, word) == {"results": [], "next_cursor": ""}


def test_a_public_persona_is_found_by_its_public_bio_alone(user):
    private, public = new_word(), new_word()
    persona = user.persona(name="Ada", bio=f"knows {private}")
    user.post(f"/personas/{persona.id}/publish-profile", json={"bio": f"knows {public}"})
    assert ids(user, private) == [] and ids(user, public) == [persona.id] == ids(user, f"ada {public}")


def test_what_is_unpublished_or_deleted_is_no_longer_found(user, database, room, persona):
    word = new_word()
    post = user.publish(persona, room, f"About {word}")
    shown = user.persona(name=word)
    user.post(f"/personas/{shown.id}/publish-profile", json={})
    assert set(ids(user, word)) == {post.id, shown.id}
    user.post(f"/personas/{shown.id}/unpublish-profile", json={})
    database.execute("DELETE FROM posts WHERE id = %s", post.id)
    assert ids(user, word) == []


@pytest.mark.parametrize("written, asked", [
    ("İSTANBUL", "istanbul"), ("istanbul", "İSTANBUL"), ("ISTANBUL", "ıstanbul"), ("ışık", "işik"), ("IŞIK", "ışık"),
    ("ŞAŞKIN", "şaşkın"), ("Müdür", "MÜDÜR"), ("i\u0307stanbul", "İstanbul"),
    ("code-review", "review"), ("code-review", "code-review"), ("it's", "it's"), ("Ada'nın", "ada"),
    ("a\\b", "a\\b"), ("x'y", "x'y"), ("C++", "C++"), ("50%", "50%"), ("_under_", "_under_"), ("猫が好き", "猫が好き"),
    ("ΣΊΣΥΦΟΣ", "σίσυφοσ"),
])
def test_case_and_dots_of_letters_do_not_matter(user, room, persona, written, asked):
    word = new_word()
    post = user.publish(persona, room, f"Of {word} and {written}.")
    assert ids(user, f"{word} {asked}") == ids(user, f"{asked} {word}") == [post.id]


def test_all_words_must_be_there_and_the_last_may_be_a_beginning(user, room, persona):
    one, two = new_word(), new_word()
    both = user.publish(persona, room, f"{one} and {two}")
    user.publish(persona, room, f"{one} alone")
    assert ids(user, f"{one} {two}") == ids(user, f"{two} {one[:-1]}") == [both.id]
    assert ids(user, f"{one} {two[:-3]}") == [both.id]
    assert ids(user, f"{one[:-1]} {two}") == [], "a word before the last is a whole one"
    assert ids(user, f"{one} {two[:-1]}.") == [], "so is the last, where something follows it"
    assert ids(user, f"{one} {two[1:]}") == [], "nothing is found by its middle"


@pytest.mark.parametrize("text", ["!!", "' '", "\\\\", ":*", "& |", "()", "%_", "<->", "😀😀", "\u200b\u200b", "--"])
def test_a_text_without_words_finds_nothing(user, text):
    assert search(user, text) == {"results": [], "next_cursor": ""}


@pytest.mark.parametrize("text", ["a & b", "a | !b", "'a' <-> b", "a:*", "a\\", "'", "a' OR 1=1 --", "(a", "[a-",
                                  "a{2}", "(?i)a", "a\u0307\u0307", "\ud7ff\uffff"])
def test_signs_mean_nothing(user, text):
    assert user.get("/search", params={"q": f"{new_word()} {text}"}).json() == {"results": [], "next_cursor": ""}


@pytest.mark.parametrize("query, sentence", [
    ({}, "q must be 2 to 100 characters"), ({"q": ""}, "q must be 2 to 100 characters"),
    ({"q": " a "}, "q must be 2 to 100 characters"), ({"q": "ş"}, "q must be 2 to 100 characters"),
    ({"q": "ş" * 101}, "q must be 2 to 100 characters"),
    ({"q": "a\0b"}, "q must be 2 to 100 characters"),
    ({"q": "ab", "kind": "user"}, "kind must be battle, persona, template or room"),
    ({"q": "ab", "limit": "x"}, "limit must be a number"), ({"q": "ab", "limit": 0}, "limit must be between 1 and 100"),
    ({"q": "ab", "limit": 101}, "limit must be between 1 and 100"), ({"q": "ab", "cursor": "1"}, "invalid cursor"),
])
def test_bad_queries_are_refused(user, query, sentence):
    answer = user.get("/search", params=query)
    assert (answer.status_code, answer.json()["error"]) == (400, sentence)


def test_a_text_must_be_utf_8(user):
    assert user.get("/search?q=a%FFb").json()["error"] == "q must be 2 to 100 characters"


def test_the_edges_of_a_text(user):
    assert user.get("/search", params={"q": "şğ"}).status_code == 200
    assert user.get("/search", params={"q": "ş" * 100}).status_code == 200
    assert user.get("/search", params={"q": "ab", "kind": "", "limit": "", "cursor": ""}).status_code == 200


def test_pages_have_each_result_once_newest_first(user, database, room):
    word = new_word()
    write_posts(database, user, room, [f"{word} {n}" for n in range(45)])
    for n in range(5):
        shown = user.persona(name=f"{word} {n}")
        user.post(f"/personas/{shown.id}/publish-profile", json={})
    whole, pages = all_pages(user, word, limit=10)
    assert (len(whole), len({result["id"] for result in whole}), pages) == (50, 50, 5)
    assert [result["created_at"] for result in whole] == sorted((r["created_at"] for r in whole), reverse=True)
    assert all_pages(user, word, limit=100) == (whole, 1)
    assert search(user, word, limit=50)["next_cursor"] == "" != search(user, word, limit=49)["next_cursor"]


@pytest.fixture(scope="module")
def busy(cluster, template):
    """A user, where 6,000 posts are: `often` is in every second one, `seldom` in the four oldest."""
    database = cluster.create(template.name)
    with Api(database.url) as api:
        user = sign_up(api)
        user.database = database
        write_posts(database, user, new_room(database),
                    [f"number{n} {'often' if n % 2 else 'rather'} {'seldom' if n < 4 else 'other'} " + "x " * 100
                     for n in range(6000)])
        database.execute("VACUUM ANALYZE posts")
        yield user
    database.drop()


def test_every_result_comes_however_frequent_a_word_is(busy):
    often, _ = all_pages(busy, "often", limit=100)
    assert len(often) == len({result["id"] for result in often}) == 3000
    assert [result["created_at"] for result in often] == sorted((r["created_at"] for r in often), reverse=True)
    seldom, pages = all_pages(busy, "seldom", limit=100)
    assert (len(seldom), pages) == (4, 1)
    both, pages = all_pages(busy, "often seldom", limit=100)
    assert (len(both), pages) == (2, 1), "the rare word's index finds both"
    often, _ = all_pages(busy, "often", kind="battle", limit=100)
    begun, _ = all_pages(busy, "of", kind="battle", limit=100)
    assert [result["id"] for result in begun] == [result["id"] for result in often]
    none, pages = all_pages(busy, "often rather")
    assert (none, pages) == ([], 7), "a thousand are looked at for each page, the last is empty"


def test_old_statistics_lose_no_result(cluster, template):
    """A word that the statistics don't know yet counts as rare; here 5,100 posts have it, and what
    is looked for beside it stands in the oldest of them alone."""
    database = cluster.create(template.name)
    with Api(database.url) as api:
        user, room = sign_up(api), new_room(database)
        write_posts(database, user, room, ["before " + "x " * 100 for _ in range(3000)])
        database.execute("VACUUM ANALYZE posts")
        write_posts(database, user, room, ["sudden hidden", *["sudden"] * 5100])
        results, pages = all_pages(user, "sudden hid", kind="battle")
        assert [result["excerpt"] for result in results] == ["sudden hidden"] and pages == 2
    database.drop()


def rows_of_posts(connection):
    """Those that this session has read."""
    return connection.execute("SELECT seq_tup_read + idx_tup_fetch AS n FROM pg_stat_xact_user_tables "
                              "WHERE relname = 'posts'").fetchone()["n"]


@pytest.mark.parametrize("q, most", [
    ("often", 2 * PAGE + 50), ("seldom", 50), ("of", 2 * PAGE + 50), ("often rather", WINDOW + 50), ("zz", WINDOW + 50),
    ("zzzz", 50), ("often seldom", 50), ("nothing rather", 50), ("number", 2 * PAGE + 50)])
def test_the_rows_that_a_search_reads_are_bounded(busy, q, most):
    """Once the session has its plans."""
    with busy.database.connect(prepare_threshold=None) as connection:
        connection.execute(f"PREPARE search AS {code_of('search/find')}")
        for _ in range(8):
            with connection.transaction():
                before = rows_of_posts(connection)
                connection.execute(f"EXECUTE search ('{busy.id}', '{q}', NULL, {PAGE}, NULL, NULL)")
                assert rows_of_posts(connection) - before <= most


INDEXES = {"posts_words", "posts_newest", "personas_words", "profiles_words", "profiles_newest", "templates_words",
           "templates_public"}


def test_each_index_is_used(busy):
    """Those for rare words, and those by which the newest come, where a table is large enough."""
    with busy.database.connect() as connection, connection.transaction(force_rollback=True):
        connection.execute("SET LOCAL enable_seqscan = off")
        connection.execute("""
            WITH made AS (
                INSERT INTO personas (user_id, name) SELECT %s, 'Ada' FROM generate_series(1, 3000) RETURNING id)
            INSERT INTO persona_public_profiles (persona_id, slug, bio)
            SELECT id, id::text, repeat('x ', 400) FROM made""", [busy.id])
        connection.execute("""
            INSERT INTO templates (name, prompt_rules, turn_count, word_limit, is_public)
            SELECT n, repeat('y ', 400), 2, 40, true FROM generate_series(1, 3000) n""")
        connection.execute("ANALYZE personas, persona_public_profiles, templates")
        for q in ("often", "seldom", "zz"):
            connection.execute(code_of("search/find").replace("$1", "%(user)s").replace("$2", "%(q)s")
                               .replace("$3", "NULL").replace("$4", "20").replace("$5", "NULL").replace("$6", "NULL"),
                               {"user": busy.id, "q": q})
        used = {row["name"] for row in connection.execute(
            "SELECT indexrelid::regclass::text AS name FROM pg_index "
            "WHERE pg_stat_get_xact_numscans(indexrelid) > 0").fetchall()}
    assert INDEXES <= used


def test_the_classes_limit_holds(start):
    api = start(Api, RATE_LIMIT_SEARCH="2/1m")
    user = sign_up(api)
    assert [user.get("/search", params={"q": "ab"}).status_code for _ in range(3)] == [200, 200, 429]
