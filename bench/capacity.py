"""capacity.py [--acts N]: what an act costs the database in disk and log, and from that what so many
people need. Each act is done N times through the program, on a Postgres of its own without
full-page images and vacuum, so the figures hardly depend on the machine.

The model of a day stands in MODEL; change it to your own.
"""
import argparse
import contextlib
import itertools
import pathlib
import sys
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor

CHECKOUT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT / "tests"))

from support.people import made, sign_up  # noqa: E402
from support.postgres import Cluster  # noqa: E402
from support.program import Api, Worker, run  # noqa: E402
from support.queue import is_settled  # noqa: E402
from support.waiting import eventually  # noqa: E402

PROGRAM = CHECKOUT / "build" / "personaworlds"
PEOPLE, THREADS = 50, 4
CONTENT = "Types help where a program outlives its authors. " * 4  # 200 characters, as people's posts have
CROWDS = [10_000, 1_000_000, 100_000_000]
# A fifth of all people come on a day; then each does so much. Peaks are four means; log is twice
# what is counted here, for the full-page images after each checkpoint.
ACTIVE, PEAK, IMAGES = 0.2, 4, 2
READS = 20
LATER = "their jobs, an hour later"
MODEL = {"draft": 2, "approve": 1, "ask for 3 replies": 1, "reply": 3, "event": 4, "share": 1, "follow": 0.5,
         LATER: 1}
REPLIES_OF_ASK = 3
HAS = {"sign up": 1, "persona": 2, "follow": 5}  # what a user has, however long ago it was made
# What is deleted after a while: days, by the settings' defaults.
KEPT = {"events": 90, "persona_activity_events": 90, "notifications": 90, "quota_events": 7, "jobs": 1 / 24,
        "jobs_done": 7}

Cost = namedtuple("Cost", "log disk")  # bytes an act; `disk` by table


class Meter:
    """What the database writes, and how its tables grow."""

    def __init__(self, database):
        self.database, self.costs = database, {}

    def read(self):
        """Partitions count as their table."""
        log = self.database.value("SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::float8")
        sizes = self.database.rows("""
            SELECT coalesce(pg_partition_root(c.oid), c.oid)::regclass::text AS name,
                   sum(pg_total_relation_size(c.oid))::float8 AS bytes
            FROM pg_class c WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace GROUP BY 1""")
        return log, {row["name"]: row["bytes"] for row in sizes}

    @contextlib.contextmanager
    def cost(self, act, count):
        log, sizes = self.read()
        yield
        log_after, sizes_after = self.read()
        disk = {name: (after - sizes[name]) / count for name, after in sizes_after.items() if after > sizes[name]}
        self.costs[act] = Cost((log_after - log) / count, disk)
        most = sorted(disk.items(), key=lambda item: -item[1])[:3]
        print(f"| {act} | {self.costs[act].log:,.0f} | {sum(disk.values()):,.0f} | "
              f"{', '.join(f'{name} {bytes:,.0f}' for name, bytes in most)} |", flush=True)

    def acts(self, act, count, do):
        """`do(n)` so many times, some at once; what they give."""
        with self.cost(act, count), ThreadPoolExecutor(THREADS) as threads:
            return list(threads.map(do, range(count)))


def measure(api, worker, database, count):
    meter = Meter(database)
    print("| act | log, bytes | disk, bytes | most of it |\n|---|---|---|---|")
    people = meter.acts("sign up", PEOPLE, lambda n: sign_up(api))
    room = people[0].room("go-backend")

    def of(n):
        return people[n % PEOPLE]

    personas = meter.acts("persona", max(count, 4 * PEOPLE), lambda n: of(n).persona(
        daily_draft_quota=1000, daily_reply_quota=1000))
    profiles = [made(of(n).post(f"/personas/{personas[n].id}/publish-profile"), 200) for n in range(PEOPLE)]
    pairs = [(n, other) for n, other in itertools.product(range(PEOPLE), repeat=2) if n != other][:count]
    meter.acts("follow", len(pairs), lambda n: made(
        of(pairs[n][0]).post(f"/p/{profiles[pairs[n][1]].slug}/follow"), 200))
    drafts = meter.acts("draft", count, lambda n: of(n).draft(personas[n], room))
    meter.acts("approve", count, lambda n: of(n).approve(drafts[n], f"{n} {CONTENT}"))
    meter.acts("event", count, lambda n: made(of(n).post("/events", json={"event_name": "daily_return"}), 202))
    meter.acts("share", count, lambda n: made(of(n).post("/events", json={
        "event_name": "battle_shared", "metadata": {"battle_id": drafts[n - 1].id, "source": "copy_link"}}), 202))
    meter.acts("ask for 3 replies", count, lambda n: of(n + 1).ask_for_replies(
        drafts[n], *(personas[(n + 1) % PEOPLE + step * PEOPLE] for step in range(REPLIES_OF_ASK))))
    with meter.cost("reply", REPLIES_OF_ASK * count):
        worker.start()
        eventually(lambda: is_settled(database), within=600)
    worker.stop()
    database.execute("UPDATE jobs SET finished_at = finished_at - interval '1 hour' WHERE status = 'DONE'")
    with meter.cost(LATER, count):  # as a visitor has one post and three replies
        worker.start()
        eventually(lambda: database.count("jobs", status="DONE") == 0, within=600)
    return meter.costs


def readable(bytes):
    for unit in ("B", "kB", "MB", "GB"):
        if bytes < 1000:
            return f"{bytes:.3g} {unit}"
        bytes /= 1000
    return f"{bytes:.3g} TB"


def day_of(costs):
    """Of somebody who comes: bytes of log, and of disk by table."""
    disk = {}
    for act, times in MODEL.items():
        for name, bytes in costs[act].disk.items():
            disk[name] = disk.get(name, 0) + times * bytes
    return sum(times * costs[act].log for act, times in MODEL.items()), disk


def tell_capacity(costs):
    log, disk = day_of(costs)
    stays = sum(bytes for name, bytes in disk.items() if name not in KEPT)
    kept = sum(bytes * KEPT[name] for name, bytes in disk.items() if name in KEPT)
    owned = sum(times * bytes for act, times in HAS.items() for name, bytes in costs[act].disk.items()
                if name not in KEPT)
    writes = sum(times for act, times in MODEL.items() if act not in ("reply", LATER))
    print("\n| users | what they have | grows a month | kept for a while | log a day | reads/s at peak | writes/s | "
          "replies/s |\n|---|---|---|---|---|---|---|---|")
    for users in CROWDS:
        come = users * ACTIVE
        each_second = come * PEAK / 86400
        print(f"| {users:,} | {readable(users * owned)} | {readable(come * stays * 30)} | {readable(come * kept)} | "
              f"{readable(come * log * IMAGES)} | {each_second * READS:,.1f} | {each_second * writes:,.1f} | "
              f"{each_second * MODEL['reply']:,.1f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--acts", type=int, default=2000, metavar="N", help="of each kind (2000)")
    count = parser.parse_args().acts
    with Cluster(full_page_writes="off", autovacuum="off") as cluster:
        database = cluster.create()
        for command in ("migrate", "seed"):
            run(command, program=PROGRAM, DATABASE_URL=database.url)
        with Api(database.url, program=PROGRAM) as api:
            worker = Worker(database.url, program=PROGRAM)
            costs = measure(api, worker, database, count)
            worker.stop()
    tell_capacity(costs)


if __name__ == "__main__":
    main()
