"""What is the same for every visitor: in memory for a second, tagged, and fit for caches on the way."""
import pytest

from support.battles import summarize
from support.exposition import Page
from support.people import made, persona_fields
from support.program import Api
from support.waiting import eventually, in_parallel

SECOND, BUSY = 1.0, 4.0  # a busy machine takes some more
READS = {"/p/{slug}": "profiles/show", "/p/{slug}/posts": "profiles/posts", "/b/{id}": "posts/thread",
         "/b/{id}/meta": "battles/meta", "/templates": "templates/list"}


@pytest.fixture
def api(start):
    """One thread: all visitors meet the same memory."""
    return start(Api, API_THREADS=1)


@pytest.fixture
def profile(user, persona, room):
    made(user.post(f"/personas/{persona.id}/publish-profile", json={"slug": room.slug}), 200)
    return room.slug


@pytest.fixture
def battle(user, persona, room, database):
    battle = user.publish(persona, room, "Topic: Tabs or spaces")
    summarize(database, battle)  # nobody waits for it
    return battle


@pytest.fixture
def paths(profile, battle):
    """By the label of their route."""
    return {"/p/{slug}": f"/p/{profile}", "/p/{slug}/posts": f"/p/{profile}/posts", "/b/{id}": f"/b/{battle.id}",
            "/b/{id}/meta": f"/b/{battle.id}/meta", "/templates": "/templates"}


def counted(api, route):
    page = Page(api.metrics())
    return [int(page.value("cache_requests_total", route=route, result=result)) for result in ("hit", "miss", "bypass")]


def asked(api, statement):
    return int(Page(api.metrics()).value("db_query_duration_seconds_count", query=statement))


def for_visitors(answer):
    """Without what only callers are told."""
    if isinstance(answer, list):
        return [for_visitors(item) for item in answer]
    if not isinstance(answer, dict):
        return answer
    return {name: for_visitors(value) for name, value in answer.items() if name not in ("mine", "following")}


@pytest.mark.parametrize("route", READS)
def test_visitors_are_answered_from_memory_and_callers_are_not(api, user, paths, route):
    path, before = paths[route], asked(api, READS[route])
    first, again = api.client.get(path), api.client.get(path)
    assert (first.status_code, again.status_code) == (200, 200)
    assert (again.content, again.headers["ETag"]) == (first.content, first.headers["ETag"])
    assert (asked(api, READS[route]) - before, counted(api, route)) == (1, [1, 1, 0])
    own = user.get(path)
    assert (own.status_code, for_visitors(own.json())) == (200, first.json())
    assert (asked(api, READS[route]) - before, counted(api, route)) == (2, [1, 1, 1])


@pytest.mark.parametrize("route", READS)
def test_what_caches_may_keep(api, user, paths, route):
    """A caller's answer is nobody else's, whoever the token names."""
    age = 60 if route == "/templates" else 1
    for _ in range(2):
        answer = api.client.get(paths[route])
        assert answer.headers["Cache-Control"] == f"public, max-age={age}"
        assert "Authorization" in answer.headers["Vary"]
    for answer in (user.get(paths[route]), api.client.get(paths[route], headers={"Authorization": "Bearer x.y.z"})):
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
        assert "Authorization" in answer.headers["Vary"]
        assert ("ETag" in answer.headers) == (route == "/b/{id}")  # a thread is asked for again and again


def test_an_error_is_kept_by_nobody(api, paths):
    for path in ("/p/nobody-has-this", "/p/nobody-has-this/posts", "/b/00000000-0000-4000-8000-000000000000/meta",
                 "/b/x", f"{paths['/p/{slug}/posts']}?cursor=x"):
        answer = api.client.get(path)
        assert (answer.status_code >= 400, answer.headers["Cache-Control"]) == (True, "no-store"), path


@pytest.mark.parametrize("route", READS)
def test_a_client_that_has_it_is_told_so(api, paths, route):
    """Whether it comes from memory or not, on whichever line the tag stands."""
    path = paths[route]
    full = api.client.get(path)
    tag = full.headers["ETag"]
    for lines in ([tag], [f'"other", {tag}'], [f"W/{tag}"], ["*"], ['"other"', tag]):
        answer = api.client.get(path, headers=[("If-None-Match", line) for line in lines])
        assert (answer.status_code, answer.content) == (304, b""), lines
        assert {name: answer.headers[name] for name in ("ETag", "Cache-Control")} == {
            name: full.headers[name] for name in ("ETag", "Cache-Control")}
    assert api.client.get(path, headers={"If-None-Match": '"other"'}).content == full.content


def test_equal_answers_have_equal_tags_in_every_process(api, start, paths):
    elsewhere = start(Api)
    for path in paths.values():
        assert elsewhere.client.get(path).headers["ETag"] == api.client.get(path).headers["ETag"]


def test_head_is_answered_from_memory_too(api, paths):
    path = paths["/p/{slug}"]
    full = api.client.get(path)
    head = api.client.head(path)
    assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", full.headers["ETag"])
    assert head.headers["Content-Length"] == str(len(full.content))


def test_pages_by_cursor_are_not_kept(api, paths):
    """There are as many as clients make up."""
    path = f"{paths['/p/{slug}/posts']}?cursor=1-00000000-0000-4000-8000-000000000000"
    for _ in range(2):
        assert api.client.get(path).status_code == 200
    assert counted(api, "/p/{slug}/posts") == [0, 0, 2]


def test_what_is_unpublished_elsewhere_is_gone_within_a_second(api, start, user, persona, profile):
    elsewhere = user.at(start(Api))
    assert api.client.get(f"/p/{profile}").status_code == 200
    made(elsewhere.post(f"/personas/{persona.id}/unpublish-profile"), 200)
    eventually(lambda: api.client.get(f"/p/{profile}").status_code == 404, within=SECOND + BUSY)


def test_a_reader_that_keeps_asking_does_not_keep_it_alive(api, database, battle):
    """Asked for all the time, what changed in the database is still seen after a second."""
    path = f"/b/{battle.id}"
    assert api.client.get(path).json()["post"]["content"] == "Topic: Tabs or spaces"
    database.execute("UPDATE posts SET content = 'Topic: Neither' WHERE id = %s", battle.id)
    eventually(lambda: api.client.get(path).json()["post"]["content"] == "Topic: Neither", within=SECOND + BUSY,
               pause=0)


def test_who_changes_something_here_sees_it_as_a_visitor_at_once(api, user, other, persona, room, profile, battle):
    def shown():
        return made(api.client.get(f"/p/{profile}"), 200)

    def listed():
        return [template["name"] for template in made(api.client.get("/templates"), 200)["templates"]]

    assert (shown()["profile"]["followers"], shown()["profile"]["posts_count"]) == (0, 1)
    made(other.post(f"/p/{profile}/follow"), 200)
    assert shown()["profile"]["followers"] == 1
    user.publish(persona, room, "Another one.")
    assert shown()["profile"]["posts_count"] == 2
    made(user.put(f"/personas/{persona.id}", json=persona_fields(name="Grace")), 200)
    assert shown()["profile"]["name"] == "Grace"
    assert "Duel of the day" not in listed()
    made(user.post("/templates", json={"name": "Duel of the day", "prompt_rules": "Be brief.", "turn_count": 4,
                                       "word_limit": 100, "is_public": True}), 201)
    assert "Duel of the day" in listed()
    made(user.post(f"/personas/{persona.id}/unpublish-profile"), 200)
    assert api.client.get(f"/p/{profile}").status_code == 404


def test_many_visitors_at_once_cost_the_database_a_few_statements(api, paths):
    path, before = paths["/p/{slug}"], asked(api, "profiles/show")
    api.client.get(path)
    assert {answer.status_code for answer in in_parallel(50, lambda: api.client.get(path))} == {200}
    assert asked(api, "profiles/show") - before < 10


def test_limits_stay_in_front(start, paths):
    limited = start(Api, API_THREADS=1, RATE_LIMIT_PUBLIC_READ="3/1m")
    assert [limited.client.get(paths["/p/{slug}"]).status_code for _ in range(5)] == [200, 200, 200, 429, 429]
