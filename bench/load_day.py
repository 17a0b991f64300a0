"""A day of people, squeezed into seconds: who does what, and when."""
import json
import random

from open_loop import Request, request_of
from reads_data import id_of
from reads_routes import caller, published, token_of

PEOPLE, THINK = 50, 0.5  # seconds between the acts of one of them, on average
# Of a hundred acts; the routes' names are those of reads_routes.py. Replies are what the worker
# has to do: it writes them, and the summary that the thread then lacks.
ACTS = {"feed": 20, "thread": 22, "room-posts": 8, "notifications": 8, "profile": 10, "battle-meta": 10, "card": 8,
        "event": 10, "draft": 2, "replies": 2}
SEEN = 400  # posts and profiles that people look at, the newest ones


def plan(seconds, chance):
    """(due, person, act), the earliest first. Who has acted thinks, and acts again whether the
    answer has come or not."""
    acts = []
    for person in range(PEOPLE):
        at = chance.expovariate(1 / THINK)
        while at < seconds:
            acts.append((at, person, chance.choices(list(ACTS), ACTS.values())[0]))
            at += chance.expovariate(1 / THINK)
    return sorted(acts)


def written(act, person, subject, rooms):
    """Path and body of an act that writes."""
    own = id_of("persona", 1 + 2 * person)
    return {"event": ("/events", {"event_name": "battle_shared",
                                  "metadata": {"battle_id": published(subject), "source": "copy_link"}}),
            "draft": (f"/rooms/{rooms[subject % len(rooms)]}/posts/draft", {"persona_id": own}),
            "replies": (f"/posts/{published(subject)}/generate-replies", {"persona_ids": [own]})}[act]


def requests_of_day(seconds, routes, rooms):
    """`routes` by name. The same requests in each run."""
    chance = random.Random(1)

    def request(act, person, subject):
        if act == "card":
            return request_of("GET", f"/b/{published(subject)}/card.png")
        token = token_of(caller(person))
        if act in routes:
            return request_of("GET", routes[act].path(subject), token if routes[act].signed_in else "")
        path, body = written(act, person, subject, rooms)
        return request_of("POST", path, token, json.dumps(body))
    return [Request(due, act, request(act, person, chance.randrange(SEEN)))
            for due, person, act in plan(seconds, chance)]
