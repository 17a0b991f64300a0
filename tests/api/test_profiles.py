"""Sections 4 and 7: publishing a persona, and what everybody sees of it."""
import json
import re
from collections import Counter

import pytest

from support.people import made, new_room, persona_fields
from support.program import Api
from support.waiting import at_once, eventually, in_parallel

NOBODY = "7d444840-9dc0-41d1-b245-5ffdce74fad2"
PROFILE = {"persona_id", "slug", "name", "bio", "tone", "preferred_language", "formality", "is_public", "followers",
           "posts_count", "badges", "created_at"}
POST = {"id", "room_id", "room_name", "authored_by", "content", "created_at"}
BAD_SLUG = "slug must contain only letters, numbers, spaces, hyphen or underscore"


@pytest.fixture
def name(room):
    """A name that no other test's slugs collide with."""
    return f"Ada {room.slug}"


def publish(user, persona, **fields):
    return made(user.post(f"/personas/{persona.id}/publish-profile", json=fields), 200)


def unpublish(user, persona):
    return made(user.post(f"/personas/{persona.id}/unpublish-profile"), 200)


def show(client, slug):
    return client.get(f"/p/{slug}")


def is_unknown(answer):
    return (answer.status_code, answer.json()["error"]) == (404, "public profile not found")


def posts_by(database, persona, user, room, n, age="0 seconds", **columns):
    """n published posts a second apart, newest last; their ids from the newest on."""
    status = columns.get("status", "PUBLISHED")
    rows = database.rows(
        "INSERT INTO posts (room_id, persona_id, user_id, authored_by, status, content, created_at) "
        "SELECT %s, %s, %s, 'AI_DRAFT_APPROVED', %s::post_status_enum, 'Post ' || i, now() - %s::interval + i * "
        "interval '1 second' "
        "FROM generate_series(1, %s) i RETURNING id", room.id, persona.id, user.id, status, age, n)
    return [str(row["id"]) for row in rows][::-1]


# ---- publishing ----


def test_publishing_answers_with_the_profile(user, name):
    persona = user.persona(name=name, bio="Builds quiet systems.")
    answer = user.post(f"/personas/{persona.id}/publish-profile")
    assert answer.status_code == 200
    slug = name.lower().replace(" ", "-")
    created_at = answer.json()["created_at"]
    assert answer.json() == {"persona_id": persona.id, "slug": slug, "is_public": True, "bio": "Builds quiet systems.",
                             "created_at": created_at, "share_url": f"http://localhost:8080/p/{slug}"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", created_at)


@pytest.mark.parametrize("origin", ["https://example.org", "https://example.org/"])
def test_the_shared_link_begins_with_the_setting_without_its_slash(user, persona, start, origin):
    elsewhere = user.at(start(Api, FRONTEND_ORIGIN=origin))
    published = publish(elsewhere, persona)
    assert published.share_url == f"https://example.org/p/{published.slug}"
    assert unpublish(elsewhere, persona).share_url == published.share_url


@pytest.mark.parametrize("wanted, slug", [
    ("Ada_Lovelace {}", "ada-lovelace-{}"), ("  --a  _-_ b{}--  ", "a-b{}"), ("ŞİŞ ada{} 🦊", "ada{}"),
    ("a.b/c{}", "abc{}"), ("A\u3000B{}", "a-b{}"),
])
def test_a_slug_is_normalised(user, persona, room, wanted, slug):
    assert publish(user, persona, slug=wanted.format(room.slug)).slug == slug.format(room.slug)


@pytest.mark.parametrize("wanted", ["!!!", "ş", "-", "_ -", "🦊", "日本語"])
def test_a_slug_of_which_nothing_is_left_is_refused(user, persona, wanted):
    refused = user.post(f"/personas/{persona.id}/publish-profile", json={"slug": wanted})
    assert (refused.status_code, refused.json()["error"]) == (400, BAD_SLUG)
    assert unpublish(user, persona).slug == ""


@pytest.mark.parametrize("wanted", [None, "", "  "])
def test_without_a_wanted_slug_the_name_makes_it(user, name, wanted):
    persona = user.persona(name=name)
    assert publish(user, persona, slug=wanted).slug == name.lower().replace(" ", "-")


def test_a_name_of_which_nothing_is_left_makes_persona(user):
    slugs = [publish(user, user.persona(name="日本語")).slug for _ in range(2)]
    assert slugs == ["persona", "persona-2"]


def test_a_taken_slug_gets_the_next_number(user, other, room):
    slugs = [publish(who, who.persona(), slug=room.slug).slug for who in (user, other, user, other)]
    assert slugs == [room.slug, *(f"{room.slug}-{n}" for n in (2, 3, 4))]


def test_a_gap_is_filled_and_a_number_may_be_asked_for(user, room):
    assert publish(user, user.persona(), slug=f"{room.slug}-2").slug == f"{room.slug}-2"
    assert [publish(user, user.persona(), slug=room.slug).slug for _ in range(2)] == [room.slug, f"{room.slug}-3"]


def test_a_suffix_shortens_the_slug(user, room):
    long = (room.slug + "-").ljust(62, "x") + "-y"
    slugs = [publish(user, user.persona(), slug=long + "tail").slug for _ in range(11)]
    assert slugs[0] == long and len(long) == 64
    assert slugs[1] == long[:62] + "-2"
    assert slugs[9] == long[:61] + "-10"
    assert len(set(slugs)) == 11 and all(len(slug) <= 64 and "--" not in slug for slug in slugs)


def test_parallel_publishes_of_one_slug_get_a_number_each(user, room):
    personas = [user.persona() for _ in range(50)]
    slugs = [published.slug for published in at_once(*(lambda persona=persona: publish(user, persona, slug=room.slug)
                                                       for persona in personas))]
    assert sorted(slugs) == sorted([room.slug, *(f"{room.slug}-{n}" for n in range(2, 51))])


def test_parallel_publishes_of_one_persona_agree(user, persona, room):
    assert {publish["slug"]
            for publish in in_parallel(20, lambda: publish(user, persona, slug=room.slug))} == {room.slug}


def test_republishing_keeps_the_slug_and_the_date(user, other, name):
    publish(other, other.persona(), slug=name)
    persona = user.persona(name=name)
    first = publish(user, persona)
    assert first.slug.endswith("-2")
    made(user.put(f"/personas/{persona.id}", json=persona_fields(name="Somebody else", bio=persona.bio)), 200)
    unpublish(user, persona)
    assert publish(user, persona) == first
    assert publish(user, persona, slug=name) == first
    assert publish(user, persona, slug=name + " new").slug == name.lower().replace(" ", "-") + "-new"


def test_an_unpublished_profile_keeps_its_slug_from_others(user, other, persona, room):
    publish(user, persona, slug=room.slug)
    assert unpublish(user, persona) == {"persona_id": persona.id, "slug": room.slug, "is_public": False,
                                        "share_url": f"http://localhost:8080/p/{room.slug}"}
    assert publish(other, other.persona(), slug=room.slug).slug == f"{room.slug}-2"
    assert is_unknown(show(user, room.slug))


def test_unpublishing_what_was_never_published_changes_nothing(user, persona, database):
    assert unpublish(user, persona) == {"persona_id": persona.id, "slug": "", "is_public": False, "share_url": ""}
    assert database.count("persona_public_profiles", persona_id=persona.id) == 0


@pytest.mark.parametrize("given, shown", [("Hello  there", "Hello  there"), (" x ", "x"), ("", "Own bio"),
                                          ("  ", "Own bio"), (None, "Own bio"), ("ş" * 500, "ş" * 500)])
def test_a_blank_bio_takes_the_personas(user, given, shown):
    assert publish(user, user.persona(bio="Own bio"), bio=given).bio == shown


@pytest.mark.parametrize("body, error", [({"bio": "ş" * 501}, "bio must be <= 500 chars"), ({"slug": 1}, "slug"),
                                         ({"name": "x"}, "name")])
def test_the_body_is_checked(user, persona, body, error):
    refused = user.post(f"/personas/{persona.id}/publish-profile", json=body)
    assert refused.status_code == 400 and error in refused.json()["error"]


@pytest.mark.parametrize("act", ["publish-profile", "unpublish-profile"])
def test_only_ones_own_persona_is_published(user, other, api, room, act):
    for persona_id in (other.persona().id, NOBODY):
        for body in ({}, {"slug": room.slug}):
            refused = user.post(f"/personas/{persona_id}/{act}", json=body)
            assert (refused.status_code, refused.json()["error"]) == (404, "persona not found")
    assert api.client.post(f"/personas/{NOBODY}/{act}").json()["error"] == "missing auth header"
    assert user.post(f"/personas/x/{act}").json()["error"] == "persona id is invalid"


# ---- the public profile ----


def test_a_profile_as_everybody_sees_it(user, api, database, room):
    persona = user.persona(name="Ada", tone="warm", formality=2, preferred_language="tr", bio="Sessiz.")
    published = publish(user, persona, slug=room.slug)
    second, third, fourth = (new_room(database, name) for name in ("B room", "A room", "C room"))
    (newest,) = posts_by(database, persona, user, fourth, 1, age="-1 hour")
    for place, n in ((room, 5), (second, 4), (third, 4)):
        posts_by(database, persona, user, place, n)
    answer = show(api.client, room.slug)
    assert answer.status_code == 200
    assert set(answer.json()) == {"profile", "latest_posts", "top_rooms", "next_cursor"}
    profile = answer.json()["profile"]
    assert set(profile) == PROFILE
    expected = {"persona_id": persona.id, "slug": room.slug, "name": "Ada", "bio": "Sessiz.", "tone": "warm",
                "preferred_language": "tr", "formality": 2,
                "is_public": True, "followers": 0, "posts_count": 14,
                "badges": ["Public Persona", "TR", "Tone: warm", "Formal"],
                "created_at": published.created_at}
    assert profile == expected
    assert answer.json()["top_rooms"] == [{"room_id": place.id, "room_name": place.name, "post_count": n}
                                          for place, n in ((room, 5), (third, 4), (second, 4))]
    latest = answer.json()["latest_posts"]
    assert len(latest) == 10 and all(set(post) == POST for post in latest)
    published_at = database.value("SELECT utc(created_at) FROM posts WHERE id = %s", newest)
    assert latest[0] == {"id": newest, "room_id": fourth.id, "room_name": "C room", "authored_by": "AI_DRAFT_APPROVED",
                         "content": "Post 1",
                         "created_at": published_at}
    assert api.client.get(f"/p/{room.slug}/posts").json() == {"posts": latest,
                                                              "next_cursor": answer.json()["next_cursor"]}


@pytest.mark.parametrize("tone, formality, badges", [
    ("", 0, ["Conversational"]), ("dry", 1, ["Tone: dry", "Conversational"]), ("dry", 2, ["Tone: dry", "Formal"]),
    ("dry", 3, ["Tone: dry", "Formal"]),
])
def test_badges(user, database, room, tone, formality, badges):
    persona = user.persona(formality=formality)
    database.execute("UPDATE personas SET tone = %s WHERE id = %s", tone, persona.id)
    publish(user, persona, slug=room.slug)
    assert show(user, room.slug).json()["profile"]["badges"] == ["Public Persona", "EN", *badges]


def test_a_profile_without_posts(user, persona, room):
    publish(user, persona, slug=room.slug)
    page = show(user, room.slug).json()
    assert (page["latest_posts"], page["top_rooms"], page["next_cursor"],
            page["profile"]["posts_count"]) == ([], [], "", 0)
    assert user.get(f"/p/{room.slug}/posts").json() == {"posts": [], "next_cursor": ""}


@pytest.mark.parametrize("path", ["{}", "{}/posts"])
def test_the_slug_of_a_path_is_normalised(user, persona, room, path):
    publish(user, persona, slug=room.slug)
    for spelled in (room.slug.upper(), room.slug.replace("-", "%20"), room.slug.replace("-", "__"),
                    f"%20{room.slug}%F0%9F%A6%8A", room.slug + "-"):
        assert user.get("/p/" + path.format(spelled)).status_code == 200, spelled
    for unknown in ("nobody-has-this", "", "%20", "-", "%F0%9F%A6%8A", "%00", "%zz", "%ff", "x" * 5000):
        assert is_unknown(user.get("/p/" + path.format(unknown))), unknown


def test_what_is_unpublished_is_unknown(user, other, persona, room):
    publish(user, persona, slug=room.slug)
    assert show(other, room.slug).status_code == 200
    unpublish(user, persona)
    for who in (user, other):
        assert is_unknown(show(who, room.slug)) and is_unknown(who.get(f"/p/{room.slug}/posts")) and is_unknown(
            who.post(f"/p/{room.slug}/follow"))
    publish(user, persona)
    assert show(other, room.slug).status_code == 200


def test_a_deleted_persona_has_no_profile(user, persona, room):
    publish(user, persona, slug=room.slug)
    user.delete(f"/personas/{persona.id}")
    assert is_unknown(show(user, room.slug))


def test_neither_drafts_nor_calibration_are_shown(user, other, api, database, room):
    secrets = {"writing_samples": ["Planted sample 1", "Planted sample 2", "Planted sample 3"],
               "do_not_say": ["planted taboo"],
               "catchphrases": ["planted phrase"], "daily_draft_quota": 4321, "daily_reply_quota": 4322}
    persona = user.persona(**secrets)
    publish(user, persona, slug=room.slug)
    posts_by(database, persona, user, room, 1)
    hidden = posts_by(database, persona, user, room, 1, status="DRAFT")
    for client in (api.client, other, user):
        said = show(client, room.slug).text + client.get(f"/p/{room.slug}/posts").text
        assert "lanted" not in said and not re.search(r"(?<![\w-])432[12](?![\w-])", said), said
        assert not any(field in said for field in (*secrets, "user_id", "email", user.email, user.id, *hidden))
        assert json.loads(show(client, room.slug).text)["profile"]["posts_count"] == 1


def test_posts_are_paged_from_the_profile_on(user, api, database, room, persona):
    publish(user, persona, slug=room.slug)
    expected = posts_by(database, persona, user, room, 25)
    page = show(api.client, room.slug).json()
    pages, cursor = [page["latest_posts"]], page["next_cursor"]
    while cursor:
        posts_by(database, persona, user, room, 2, age="-1 hour")  # newer ones that come meanwhile
        page = api.client.get(f"/p/{room.slug}/posts", params={"cursor": cursor}).json()
        pages.append(page["posts"])
        cursor = page["next_cursor"]
    assert [len(posts) for posts in pages] == [10, 10, 5]
    assert [post["id"] for posts in pages for post in posts] == expected


def test_posts_of_one_moment_are_neither_repeated_nor_left_out(user, api, database, room, persona):
    publish(user, persona, slug=room.slug)
    made_ids = posts_by(database, persona, user, room, 20)
    database.execute("UPDATE posts SET created_at = '2026-01-01T00:00:00.123457Z' WHERE persona_id = %s", persona.id)
    first = api.client.get(f"/p/{room.slug}/posts").json()
    second = api.client.get(f"/p/{room.slug}/posts", params={"cursor": first["next_cursor"]}).json()
    assert Counter(post["id"] for post in first["posts"] + second["posts"]) == Counter(made_ids)
    assert second["next_cursor"] == ""


@pytest.mark.parametrize("posts, more", [(10, 0), (11, 1)])
def test_a_full_page_is_the_last_where_nothing_is_left(user, api, database, room, persona, posts, more):
    publish(user, persona, slug=room.slug)
    made_ids = posts_by(database, persona, user, room, posts)
    database.execute("UPDATE posts SET created_at = '2026-01-01T00:00:00.123457Z' WHERE persona_id = %s", persona.id)
    page = show(api.client, room.slug).json()
    assert bool(page["next_cursor"]) == bool(more)
    rest = api.client.get(f"/p/{room.slug}/posts",
                          params={"cursor": page["next_cursor"]}).json()["posts"] if more else []
    assert len(rest) == more
    assert Counter(post["id"] for post in page["latest_posts"] + rest) == Counter(made_ids)


@pytest.mark.parametrize("cursor", ["x", "1", "-", "1-x", f"x-{NOBODY}", f"1-{NOBODY}x", f"-1-{NOBODY}",
                                    f"{'9' * 19}-{NOBODY}", "%zz", "%00"])
def test_a_bad_cursor_is_refused(user, persona, room, cursor):
    publish(user, persona, slug=room.slug)
    refused = user.get(f"/p/{room.slug}/posts?cursor={cursor}")
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid cursor")


def test_a_view_is_an_event_of_its_viewer(user, other, api, persona, room, database):
    publish(user, persona, slug=room.slug)
    show(api.client, room.slug.upper())
    show(other, room.slug)
    show(api.client, "nobody-has-this")
    expected = [{"user_id": who, "metadata": {"slug": room.slug, "persona_id": persona.id}} for who in (other.id, None)]
    eventually(lambda: database.rows("SELECT user_id::text, metadata FROM events "
                                     "WHERE event_name = 'public_profile_viewed' "
                                     "AND metadata->>'persona_id' = %s ORDER BY user_id", persona.id) == expected)


def test_what_is_shown_already_is_asked_for_again_without_a_view(user, other, api, persona, room, database):
    publish(user, persona, slug=room.slug)
    battle = user.publish(persona, room)
    for path, name, subject in ((f"/p/{room.slug}", "public_profile_viewed", {"slug": room.slug}),
                                (f"/b/{battle.id}/meta", "public_battle_viewed", {"battle_id": battle.id})):
        def views():
            return database.value("SELECT count(*) FROM events WHERE event_name = %s AND metadata @> %s::jsonb", name,
                                  json.dumps(subject))

        for client in (api.client, other):
            again = client.get(f"{path}?seen=1")
            assert again.status_code == 200 and again.json() == client.get(f"{path}?seen=0").json()
        eventually(lambda: views() == 2)
        assert other.get(path).status_code == 200
        eventually(lambda: views() == 3)


def test_a_bad_token_and_one_of_nobody_count_as_none(user, other, api, database, persona, room):
    publish(user, persona, slug=room.slug)
    database.execute("DELETE FROM users WHERE id = %s", other.id)
    for path in (f"/p/{room.slug}", f"/p/{room.slug}/posts"):
        assert api.client.get(path, headers={"Authorization": "Bearer x.y.z"}).status_code == 200
        assert other.get(path).json() == api.client.get(path).json()


def test_the_routes_label_has_no_kind(user, api, persona, room):
    publish(user, persona, slug=room.slug)
    show(api.client, room.slug)
    assert 'route="/p/{slug}"' in api.metrics() and "{slug:" not in api.metrics()
