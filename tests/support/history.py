"""Who asks for jobs under faults, and the record of what was promised to them."""
import random
import threading
from dataclasses import dataclass, field

import httpx

from support.people import Record, sign_up

ROOMY = {"daily_reply_quota": 10000, "daily_draft_quota": 10000}
THRIFTY_QUOTA = 5
RECENT = 25     # posts that are still talked about
BACKLOG = 120   # jobs due: then enqueuers wait, so that the queue can be seen to drain


@dataclass
class Ask:
    """A request that may enqueue replies, and what became of it:
    acknowledged, refused (nothing was done), or unknown."""

    id: str
    personas: list
    post: str = None
    outcome: str = "unknown"
    status: int = None
    enqueued: int = 0


@dataclass
class History:
    """What all enqueuers did. Posts are everybody's: each may be answered by anybody's personas."""

    asks: dict = field(default_factory=dict)
    posts: list = field(default_factory=list)
    requests: int = 0
    thrifty: set = field(default_factory=set)

    def outcomes(self):
        return {outcome: sum(ask.outcome == outcome for ask in self.asks.values())
                for outcome in ("acknowledged", "refused", "unknown")}

    def acknowledged_pairs(self):
        """(post, persona) of each reply that will be there in the end, whichever request it was
        that enqueued it. A thrifty persona's may be skipped because its quota is used up."""
        return {(ask.post, persona) for ask in self.asks.values() if ask.outcome == "acknowledged"
                for persona in ask.personas
                if ask.enqueued == len(ask.personas) or persona not in self.thrifty}


def outcome_of(answer):
    if answer.status_code < 300:
        return "acknowledged"
    if answer.status_code < 500 or (answer.status_code == 503 and "Retry-After" in answer.headers):
        return "refused"
    return "unknown"


class Enqueuer:
    """A person whose hands are fast: publishes, starts battles, asks for replies,
    reads threads and digests, one after another."""

    def __init__(self, api, room, history, seed, backlog):
        self.user, self.room, self.history, self.backlog = sign_up(api), room, history, backlog
        self.chance, self.seed, self.count = random.Random(seed), seed, 0
        self.personas = [self.user.persona(name=f"Persona {n}", **ROOMY) for n in range(5)]
        self.thrifty = self.user.persona(name="Thrifty", **ROOMY | {"daily_reply_quota": THRIFTY_QUOTA})
        history.thrifty.add(self.thrifty.id)

    def run(self, over: threading.Event):
        acts = {self.ask_for_replies: 60, self.publish: 14, self.battle: 10, self.read_thread: 10, self.read_digest: 6}
        self.publish()
        while not over.is_set():
            if self.backlog() > BACKLOG:
                over.wait(0.05)
            else:
                self.chance.choices(list(acts), list(acts.values()))[0]()

    def request(self, method, path, **options):
        """The request's id and its answer; None where the connection broke."""
        self.count += 1
        id = f"{self.seed}-{self.count}"
        self.history.requests += 1
        try:
            return id, self.user.request(method, path, headers={"X-Request-Id": id}, **options)
        except httpx.TransportError:
            return id, None

    def ask(self, path, body, personas, post=None):
        """Recorded before it is sent: an answer that never comes is unknown."""
        ask = Ask(f"{self.seed}-{self.count + 1}", [persona.id for persona in personas], post)
        self.history.asks[ask.id] = ask
        _, answer = self.request("POST", path, json=body)
        if answer is not None:
            ask.status, ask.outcome = answer.status_code, outcome_of(answer)
        return ask, answer

    # ---- acts ----

    def publish(self):
        persona = self.chance.choice(self.personas)
        _, draft = self.request("POST", f"/rooms/{self.room.id}/posts/draft", json={"persona_id": persona.id})
        if draft is None or draft.status_code != 201:
            return
        _, approved = self.request("POST", f"/posts/{draft.json()['id']}/approve", json={})
        if approved is not None and approved.status_code == 200:
            self.history.posts.append(approved.json()["id"])

    def battle(self):
        """The template has 6 turns: the 2 oldest personas speak."""
        ask, answer = self.ask(f"/rooms/{self.room.id}/battles", {"topic": f"Is number {self.count} right?"},
                               self.personas[:2])
        if ask.outcome == "acknowledged":
            made = Record(answer.json())
            ask.post, ask.enqueued = made.battle_id, made.enqueued_replies
            self.history.posts.append(made.battle_id)

    def ask_for_replies(self):
        if not self.history.posts:
            return
        post = self.chance.choice(self.history.posts[-RECENT:])
        speakers = [self.thrifty] if self.chance.random() < 0.1 else self.chance.sample(self.personas,
                                                                                        self.chance.randint(1, 4))
        ask, answer = self.ask(f"/posts/{post}/generate-replies", {"persona_ids": [persona.id for persona in speakers]},
                               speakers, post)
        if ask.outcome == "acknowledged":
            ask.enqueued = answer.json()["enqueued"]

    def read_thread(self):
        if self.history.posts:
            self.request("GET", f"/posts/{self.chance.choice(self.history.posts[-RECENT:])}/thread")

    def read_digest(self):
        self.request("GET", f"/personas/{self.chance.choice(self.personas).id}/digest/today")
