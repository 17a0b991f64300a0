"""What a drill needs: the whole stack under a little traffic, a Prometheus in a hurry that watches
it, and an operator who does what the runbook says.

    with stack.drill("database_unreachable", page="ApiNotReady") as drill:
        stack.cluster.stop("immediate")                      # the fault
        drill.seen(lambda: stack.api.readiness()[0] == 503)  # the symptom
        drill.remedied()                                     # the commands that triage printed
    # Here the trouble is over: the page was the only one, `verify` passed, and no accepted work is
    # lost.
"""
import contextlib
import json
import pathlib
import re
import tempfile
import threading
from collections import Counter

import httpx

from fakes.openai import FakeProvider, answer
from support.compose import Compose
from support.faults import FaultProxy
from support.people import sign_up
from support.postgres import Cluster
from support.program import Api, Worker, prepared
from support.prometheus import Prometheus
from support.waiting import eventually

PAGED_WITHIN = 60
SAMPLE = "5s"  # what an operator gets who says nothing
READ = ["/rooms", "/feed", "/notifications"]
# What such a command finds, or that it finds nothing, is in its exit code.
LOOKS = re.compile(r"^personaworlds (doctor|migrate --status)|\| rg ")


class Meant:
    """Errors in its log are what a drill is about;
    anything else that a test never forgives still counts."""

    def check(self):
        if self.log:
            self.expect_errors(*{line["msg"] for line in self.log.lines if line.get("level") == "error"})
        super().check()


class DrillApi(Meant, Api):
    pass


class DrillWorker(Meant, Worker):
    pass


def answers(service):
    with contextlib.suppress(httpx.TransportError):
        return service.client.get("/healthz", timeout=5).status_code == 200
    return False


class Traffic:
    """A few people who read, write and ask for replies all the time.
    `asked`: the (post, persona) of each reply that was promised."""

    def __init__(self, stack, persona_count=3):
        self.stack, self.asked, self.published, self.statuses = stack, [], [], []
        self.user = sign_up(stack.api)
        self.personas = [self.user.persona(daily_draft_quota=10000, daily_reply_quota=10000)
                         for _ in range(persona_count)]
        self.room = self.user.room("go-backend")
        self.over, self.writes = threading.Event(), threading.Event()
        self.writes.set()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _client(self, turn):
        apis = self.stack.apis
        return self.user.at(apis[turn % len(apis)])

    def _run(self):
        turn = 0
        while not self.over.wait(0.05):
            turn += 1
            # An API that isn't there; its client may be closed.
            with contextlib.suppress(httpx.HTTPError, RuntimeError, OSError):
                user = self._client(turn)
                self.statuses.append(user.get(READ[turn % len(READ)]).status_code)
                if turn % 10 == 0 and self.writes.is_set():
                    self._write(user)

    def _write(self, user):
        draft = user.post(f"/rooms/{self.room.id}/posts/draft", json={"persona_id": self.personas[0].id})
        self.statuses.append(draft.status_code)
        if draft.status_code != 201:
            return
        post = draft.json()["id"]
        if user.post(f"/posts/{post}/approve", json={}).status_code != 200:
            return
        self.published.append(post)
        self._ask(user, post)

    def _ask(self, user, post):
        others = [persona.id for persona in self.personas[1:]]
        if user.post(f"/posts/{post}/generate-replies", json={"persona_ids": others}).status_code == 200:
            self.asked += [(post, persona) for persona in others]

    def ask_for_replies(self, count):
        """That many posts of the user's, with replies asked for: returns when all are accepted."""
        user = self._client(0)
        for _ in range(count):
            self._write(user)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join(40)


class Stack:
    """Postgres, APIs and workers behind a way that may be slow,
    a scripted provider, a Prometheus, and the runbook's commands.

    `both` are settings of every service, `api` and `worker` those of each kind;
    `way`: everything goes to the database through `stack.way`."""

    def __init__(self, apis=1, way=False, redis=None, both=None, api=None, worker=None, faster=60):
        self._end = contextlib.ExitStack()
        enter = self._end.enter_context
        try:
            self.cluster = enter(Cluster())
            self.database = prepared(self.cluster)
            self.way = enter(FaultProxy(self.cluster.port)) if way else None
            self.provider = enter(FakeProvider(default=answer()))
            settings = {"LLM_PROVIDER": "openai", "OPENAI_BASE_URL": self.provider.url,
                        "OPENAI_MAX_RETRIES": "0"} | (both or {})
            url = self.url
            first = [enter(DrillApi(url, **settings | (api or {}))) for _ in range(apis)]
            workers = [enter(DrillWorker(url, **settings | (worker or {})))]
            folder = enter(tempfile.TemporaryDirectory(prefix="personaworlds-drill-"))
            self.compose = enter(Compose(pathlib.Path(folder), self.database.url, self.cluster, first, workers, redis,
                                         **both or {}))
            self.prometheus = enter(Prometheus(**self._ports(), faster=faster))
            self.traffic = enter(Traffic(self))
        except BaseException:
            self._end.close()
            raise

    def close(self):
        self._end.close()

    @property
    def url(self):
        return self.database.url.replace(f":{self.cluster.port}/",
                                         f":{self.way.port}/") if self.way else self.database.url

    @property
    def apis(self):
        return [replica.service for replica in self.compose.replicas["backend"]]

    @property
    def workers(self):
        return [replica.service for replica in self.compose.replicas["worker"]]

    @property
    def api(self):
        return self.apis[0] if hasattr(self, "compose") else None

    @property
    def worker(self):
        return self.workers[0]

    def _ports(self):
        return {"api": [api.port for api in self.apis], "worker": [worker.port for worker in self.workers]}

    # ---- what an operator does ----

    def run(self, command, within=60, **variables):
        """A command of the runbook. Replicas may come of it: Prometheus finds them, as by DNS."""
        done = self.compose.run(command, within, **variables)
        self.prometheus.watch(**self._ports())
        return done

    def triage(self, sample=SAMPLE):
        done = self.run(f"personaworlds triage --json --sample {sample}")
        return json.loads(done.stdout)["findings"]

    def deploy(self, kind, **settings):
        """A new start of all replicas of `backend` or `worker` with other settings,
        until each answers or has ended; None takes a setting away."""
        for replica in self.compose.replicas[kind]:
            replica.stop()
            replica.service.settings = {name: value for name, value in (replica.service.settings | settings).items()
                                        if value is not None}
            replica.service.launch()
            eventually(lambda: replica.service.process.poll() is not None or answers(replica.service), within=20)

    def verified(self):
        """As the checklist wants it, in a hurry."""
        done = self.run("personaworlds verify --for 3s --every 200ms")
        if done.returncode:
            print(done.stdout)  # pytest shows it where the drill fails
        return done.returncode == 0

    def measured(self, expression):
        """A symptom: what Prometheus has at this moment isn't empty."""
        return lambda: self.prometheus.query(expression)

    # ---- what must be true in the end ----

    def nothing_is_lost(self, within=60):
        """Every post that was confirmed is published, every promised reply is there,
        and no job was done twice. What is accepted now is done, too."""
        before = len(self.traffic.published)
        eventually(lambda: len(self.traffic.published) > before, within)
        eventually(lambda: not self._missing(), within)
        assert not self._done_twice()

    def _missing(self):
        published = {str(row["id"]) for row in self.database.rows("SELECT id FROM posts WHERE status = 'PUBLISHED'")}
        replies = {(str(row["post_id"]), str(row["persona_id"]))
                   for row in self.database.rows("SELECT post_id, persona_id FROM replies")}
        return (set(self.traffic.published) - published) | (set(self.traffic.asked) - replies)

    def _done_twice(self):
        """A persona's second reply to a post would not get past the table's index;
        what comes with a reply has no such guard: its cost, its log line."""
        costs = self.database.rows("""
            SELECT persona_id, count(*) FROM quota_events WHERE quota_type = 'reply' GROUP BY 1
            EXCEPT SELECT persona_id, count(*) FROM replies WHERE persona_id IS NOT NULL GROUP BY 1""")
        said = [json.loads(line) for replica in self.compose.replicas["worker"] for line in replica.lines()]
        ends = Counter(line["job_id"]
                       for line in said if line["msg"] == "job_completed" and line["job_type"] == "generate_reply")
        return costs + [job for job, times in ends.items() if times > 1]

    @contextlib.contextmanager
    def drill(self, finding, page=None):
        # A ticket may stay: a day's budget remembers what it cost.
        eventually(lambda: not self.prometheus.pages(), within=60)
        self.prometheus.forget()
        drill = Drill(self, finding, page)
        yield drill
        eventually(lambda: self.prometheus.pages() == set(), within=90)
        eventually(self.verified, within=60)
        self.nothing_is_lost()
        # Last: what would come late has come.
        assert self.prometheus.pages_so_far() == ({page} if page else set()), self.prometheus.story()


class Drill:
    def __init__(self, stack, finding, page):
        self.stack, self.finding, self.page = stack, finding, page

    def seen(self, *symptoms, within=30):
        """Each symptom; then the page, and no other; then the finding, before all others."""
        for symptom in symptoms:
            eventually(symptom, within)
        self.paged()
        return self.named()

    def paged(self):
        if self.page:
            try:
                eventually(lambda: self.page in self.stack.prometheus.pages(), within=PAGED_WITHIN)
            except AssertionError:
                raise AssertionError(f"{self.page} didn't fire\n{self.stack.prometheus.story()}") from None

    def named(self):
        """The commands of the finding that triage puts first."""
        found = []

        def is_first():
            found[:] = self.stack.triage()
            return found and found[0]["id"] == self.finding
        try:
            eventually(is_first, within=30)
        except AssertionError:
            raise AssertionError(f"{self.finding} isn't first: {json.dumps(found, indent=1)}") from None
        self.commands = found[0]["commands"]
        return self.commands

    def remedied(self):
        """Every command that triage printed, in their order, as they stand."""
        for command in self.commands:
            done = self.stack.run(command)
            fine = (0, 1, 2) if LOOKS.search(command) else (0,)
            assert done.returncode in fine, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
