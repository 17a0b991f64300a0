"""The routes that `script/bench reads` measures: what is asked for, of which statement the answer
is made, and what stands beside it."""
import functools
import re
import sys
from dataclasses import dataclass

from reads_data import CHECKOUT, id_of

sys.path.insert(0, str(CHECKOUT / "tests"))

from support import tokens  # noqa: E402

STATEMENTS = CHECKOUT / "backend" / "sql"
CALLERS, SUBJECTS = 200, 100  # as many different ones are asked by and for, in turn
DAY = 24 * 3600


def statement_text(name, folder=STATEMENTS):
    return (folder / f"{name}.sql").read_text()


@dataclass
class Route:
    """`path` of the n-th request, `statement` with the n-th request's parameters (None: NULL);
    a route that may come `from_memory` stands beside a file of that size; one that `may_refuse` is
    asked for more than can be done; `before` is what the statement was called in earlier builds."""

    name: str
    path: callable
    statement: str = None
    parameters: callable = None
    signed_in: bool = True
    from_memory: bool = False
    subjects: int = CALLERS
    may_refuse: bool = False
    before: str = None


def caller(n):
    return id_of("user", 1 + n % CALLERS)


def published(n):
    """Every fiftieth post is a draft."""
    return id_of("post", 1 + n + n // 49)


def slug(n):
    return f"persona-{1 + 2 * n}"


def routes_of(rooms, users):
    """`rooms`: their ids."""
    def room(n):
        return rooms[n % len(rooms)]

    def visited(name, path, statement=None, parameters=None, subjects=SUBJECTS):
        return Route(name, path, statement, parameters, False, True, subjects)

    return [
        visited("healthz", lambda n: "/healthz", subjects=1),
        Route("rooms", lambda n: "/rooms", "rooms/list", lambda n: [caller(n)]),
        Route("personas", lambda n: "/personas", "personas/list",
              lambda n: [caller(n), None, None]),
        Route("weekly", lambda n: "/digest/weekly", "digests/weekly", lambda n: [caller(n)]),
        Route("room-posts", lambda n: f"/rooms/{room(n)}/posts?limit=100", "posts/list_in_room",
              lambda n: [caller(n), room(n), "100", None, None]),
        Route("feed", lambda n: "/feed", "feed/followed", lambda n: [caller(n)], before="feed/show"),
        Route("thread", lambda n: f"/posts/{published(n)}/thread", "posts/thread",
              lambda n: [caller(n), published(n), None, None]),
        Route("notifications", lambda n: "/notifications", "notifications/list", lambda n: [caller(n), "50"]),
        Route("templates-user", lambda n: "/templates", "templates/list", lambda n: [caller(n), None, None]),
        visited("templates", lambda n: "/templates", "templates/list", lambda n: [None] * 3, 1),
        visited("profile", lambda n: f"/p/{slug(n)}", "profiles/show", lambda n: [None, slug(n)]),
        visited("profile-posts", lambda n: f"/p/{slug(n)}/posts", "profiles/posts",
                lambda n: [None, slug(n), None, None]),
        Route("atom", lambda n: f"/p/{slug(n)}/feed.atom", "site/atom", lambda n: [slug(n)], False, subjects=SUBJECTS),
        visited("discover", lambda n: "/discover", "site/discover", lambda n: [], 1),
        visited("battle-meta", lambda n: f"/b/{published(n)}/meta", "battles/meta",
                lambda n: [published(n), "http://localhost"]),
        visited("card-cached", lambda n: f"/b/{published(n)}/card.png", subjects=10),
        Route("card-drawn", lambda n: f"/b/{published(n)}/card.png", signed_in=False, subjects=9 * users,
              may_refuse=True),
    ]


@functools.cache
def token_of(user):
    return tokens.token(tokens.claims_for(user, exp=tokens.claims_for("")["exp"] + DAY))


def requests_of(route):
    """Lines of a path and the token, which a visitor hasn't."""
    return [f"{route.path(n)} {token_of(caller(n)) if route.signed_in else ''}".rstrip()
            for n in range(route.subjects)]


def parts_of(text, read=statement_text):
    """The queries of a statement's file. One has no head and is the file; several stand under heads,
    comments of their own after an empty line. A head may name another file (`include verdicts/name`),
    and so may a line of the code (`include shapes/name`)."""
    text = re.sub(r"^-- include (shapes/\S+)$", lambda match: read(match[1]).strip(), text, flags=re.MULTILINE)
    codes = []
    for block in re.split(r"\n\n+(?=--)", text.strip()):
        if included := re.search(r"^-- include (\S+)$", block, re.MULTILINE):
            codes += parts_of(read(included[1]), read)
        elif code := re.sub(r"--[^\n]*", "", block).strip():
            codes.append(code)
    return codes


def script_of(text, subject, values, read=statement_text):
    """What pgbench runs, and its variables: the parts one after the other in a pipeline."""
    names = {n: f"v{subject}_{n}" for n, value in enumerate(values, 1) if value is not None}
    codes = [re.sub(r"\$(\d+)", lambda m: f":{names[int(m[1])]}" if int(m[1]) in names else "NULL", code) + ";"
             for code in parts_of(text, read)]
    if len(codes) > 1:
        codes = ["\\startpipeline", *codes, "\\endpipeline"]
    return "\n".join(codes) + "\n", {name: values[n - 1] for n, name in names.items()}
