"""What must hold in trouble: a killed worker, a storm of digests,
a long history, a transaction that never ends."""
import random
import re
import threading
import time

import httpx
from job_rates import enqueue_ours, percentile, seconds_of, show_figure, verdict, waits_of
from job_sides import Ours, show_progress
from support.waiting import eventually

# ---- killed ----

def holders(ours):
    """The unfinished replies by the process that has them."""
    held = {}
    for row in ours.database.rows("SELECT id, locked_by FROM jobs WHERE status = 'PROCESSING' "
                                  "AND job_type = 'generate_reply'"):
        held.setdefault(int(row["locked_by"].rpartition(":")[2]), []).append(row["id"])
    return held


def kill_one(pair, jobs):
    """Both workers idle; jobs come, and whoever has most of them is killed.
    The times from the kill to each job's next start, and who is left."""
    for side in pair:
        side.done()
    pair[0].fill_replies(jobs)
    pair[0].wake()
    held = eventually(lambda: (found := holders(pair[0])) and sum(map(len, found.values())) == jobs and found,
                      within=10)
    victim, other = sorted(pair, key=lambda side: -len(held.get(side.process.pid, [])))
    ids = set(held[victim.process.pid])
    killed = time.time()
    victim.process.kill()
    victim.process.wait()

    def again():
        starts = {line["job_id"]: seconds_of(line) for line in other.lines("job_started") if line["job_id"] in ids}
        return len(starts) == len(ids) and starts.values()
    times = [start - killed for start in eventually(again, within=60, pause=0.05)]
    return times, victim


# For 2 s after a start of the server nobody is missed: all sessions come back then.
PAST_THE_START = "SELECT now() > pg_postmaster_start_time() + interval '3 seconds'"


def kill(bench):
    """From `kill -9` of a worker to the next start of its jobs at another."""
    settings, times = {"concurrency": 16, "MOCK_LLM_LATENCY": "1s"}, []
    first = bench.ours()
    first.clear()
    pair = [first, Ours(bench.server, bench.folder, first.database)]
    try:
        for side in pair:
            side.start(**settings)
        eventually(lambda: first.database.value(PAST_THE_START))
        for n in range(bench.options.kills):
            show_progress(f"kill: {n + 1} of {bench.options.kills}")
            more, victim = kill_one(pair, 8)
            times += more
            victim.start(**settings)
        first.done()
    finally:
        for side in pair:
            side.stop()
    show_progress("")
    show_figure(f"kill to start, {bench.options.kills} kills, p50", "s", percentile(times, 0.5))
    show_figure(f"kill to start, {bench.options.kills} kills, p99", "s", percentile(times, 0.99), most=1)


# ---- a storm of digests ----

def storm(bench):
    """Replies that come in one by one, 20 a second, while very many digests are due."""
    ours, wanted = bench.ours(), bench.options.seconds * 20
    ours.clear()
    ours.new_posts(wanted)
    subjects = ours.database.rows(
        "SELECT po.id AS post, pe.id AS persona FROM (SELECT id, row_number() OVER () AS n "
        "FROM posts ORDER BY created_at DESC LIMIT %s) po "
        "JOIN (SELECT id, row_number() OVER () AS n FROM personas) pe ON pe.n = po.n %% 200 + 1", wanted)
    ours.execute("""
        INSERT INTO jobs (job_type, persona_id, subject_date)
        SELECT 'persona_digest', id, date '2020-01-01' + day FROM personas, generate_series(1, %s / 200) day""",
                 bench.options.digests)
    ours.settle()
    began = {}
    with ours.running(concurrency=32), ours.database.connect() as connection:
        for n, subject in enumerate(subjects):
            show_progress(f"storm: reply {n + 1} of {wanted}")
            time.sleep(random.uniform(0, 0.1))
            id, at = enqueue_ours(connection, "INSERT INTO jobs (job_type, post_id, persona_id) "
                                              "VALUES ('generate_reply', %s, %s) RETURNING id", subject["post"],
                                              subject["persona"])
            began[id] = at
        waits = waits_of(ours, began)
        left = ours.database.value("SELECT count(*) FROM jobs WHERE job_type = 'persona_digest' "
                                   "AND status = 'PENDING' AND available_at <= now()")
    show_progress("")
    assert left, "all digests were made before the last reply came: more --digests"
    assert len(waits) == wanted
    show_figure("replies beside digests, p50", "ms", percentile(waits, 0.5))
    show_figure("replies beside digests, p99", "ms", percentile(waits, 0.99), most=100)


# ---- a long history ----

def longest_claim(server, mark):
    """Milliseconds of the longest claim by the server's log from `mark` on,
    which is the one that found the jobs: bind, which may plan, and execute."""
    with open(server.folder / "log", errors="replace") as log:
        log.seek(mark)
        entries = re.split(r"^(?=\S+ \[\d+\] )", log.read(), flags=re.MULTILINE)
    times, bound = [0], 0
    for entry in entries:
        found = re.search(r"duration: ([\d.]+) ms  (bind|execute) ", entry)
        if not found or "SET status = 'PROCESSING'" not in entry:
            continue
        if found[2] == "bind":
            bound = float(found[1])
        else:
            times.append(bound + float(found[1]))
    return max(times)


def claim_four(bench, side):
    mark = (bench.server.folder / "log").stat().st_size
    side.fill_unsupported(4)
    side.wake()
    side.done()
    return longest_claim(bench.server, mark)


def write_history(bench, side):
    show_progress("finished: writing the history")
    side.execute("""
        INSERT INTO jobs (job_type, persona_id, status, attempts, finished_at, created_at, available_at)
        SELECT 'generate_reply', (ARRAY(SELECT id FROM personas))[n %% 200 + 1], 'DONE', 1, at, at, at
        FROM (SELECT n, now() - n * interval '0.5 seconds' AS at FROM generate_series(1, %s) n) history""",
                 bench.options.finished)


def log_durations(side, on):
    for setting in ("log_min_duration_statement = 0", "log_min_messages = 'log'"):
        name = setting.split()[0]
        side.execute(f"ALTER DATABASE {side.database.name} " + (f"SET {setting}" if on else f"RESET {name}"))


def finished(bench):
    """The claim's time beside very many finished jobs and without them,
    a few jobs at a time in turn."""
    without, beside = sides = [bench.ours(), Ours(bench.server, bench.folder)]
    beside.people(200)
    without.clear()
    write_history(bench, beside)
    times = {side: [] for side in sides}
    for side in sides:
        side.settle()
        log_durations(side, True)
    with without.running(concurrency=32), beside.running(concurrency=32):
        for n in range(bench.options.single):
            show_progress(f"finished: {n + 1} of {bench.options.single}")
            for side in sides:
                times[side].append(claim_four(bench, side))
    show_progress("")
    log_durations(without, False)
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        a, b = percentile(times[beside], share), percentile(times[without], share)
        good = f"  (0.80 to 1.20: {verdict(0.8 <= a / b <= 1.2)})" if name == "p99" else ""
        print(f"{'claim beside history, ' + name:26} {a:9.2f} ms   without {b:6.2f} ms   ratio {a / b:.2f}{good}")


# ---- a transaction that never ends ----

SIZES = """SELECT relname AS name, pg_relation_size(oid) / 1024 AS kib FROM pg_class
           WHERE oid = 'jobs'::regclass
              OR oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = 'jobs'::regclass)
           ORDER BY relname"""


WINDOW = 12  # seconds; in each the worker looks at everything at least once


class Load:
    """Keeps a few thousand jobs waiting, from a thread of its own."""

    WAITING, BATCH = 3000, 500

    def __init__(self, ours):
        self.ours, self.enqueued, self.starved, self.over = ours, 0, 0, threading.Event()
        self.already = self.processed()
        self.thread = threading.Thread(target=self.run)

    def processed(self):
        text = httpx.get(f"{self.ours.url}/metrics").text
        return sum(float(n)
                   for n in re.findall(r'^jobs_processed_total\{type="unsupported".*\} (\S+)$', text, re.MULTILINE))

    def waiting(self):
        return self.enqueued - (self.processed() - self.already)

    def run(self):
        while not self.over.wait(0.02):
            self.starved += self.enqueued > self.WAITING and self.waiting() < self.BATCH
            while self.waiting() < self.WAITING and not self.over.is_set():
                self.ours.fill_unsupported(self.BATCH)
                self.enqueued += self.BATCH
            self.ours.wake()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def measure(self, server, seconds):
        """Jobs a second, and Postgres' processor time per job in us,
        which others on the machine don't disturb as much."""
        began, before, cpu = time.monotonic(), self.processed(), server.cpu_seconds()
        time.sleep(seconds)
        jobs = max(self.processed() - before, 1)
        return jobs / (time.monotonic() - began), (server.cpu_seconds() - cpu) / jobs * 1e6


def hold_through(bench, ours, holder, windows, look):
    """Under load, the first window before the transaction begins,
    the second at the end of its time."""
    seconds = bench.options.hold
    window = min(WINDOW, seconds / 3)
    with Load(ours) as load:
        time.sleep(2)
        windows.append(load.measure(bench.server, window))
        look()
        holder.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        holder.execute("SELECT count(*) FROM jobs")
        began = time.monotonic()
        while (left := seconds - window - (time.monotonic() - began)) > 0:
            show_progress(f"hold: {left:.0f} s to the last window")
            time.sleep(min(left, 1))
        windows.append(load.measure(bench.server, window))
    look()
    holder.execute("ROLLBACK")
    return load.starved


def autovacuum(ours):
    """Dead rows as the transaction ended, and after Postgres has cleared them away by itself;
    and the seconds that took."""
    dead = "SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 'jobs'"
    ours.done()
    before, began = ours.database.value(dead), time.monotonic()
    show_progress("hold: until autovacuum has cleared the dead rows away")
    eventually(lambda: ours.database.value(dead) < before / 100, within=600, pause=0.5)
    return before, ours.database.value(dead), time.monotonic() - began


def recover(bench, ours, windows, look):
    """The same load for a moment finds room in what was freed;
    then the indexes are made anew beside the running worker, as docs/SCALING.md says."""
    dead = autovacuum(ours)
    with Load(ours) as load:
        windows.append(load.measure(bench.server, min(WINDOW, bench.options.hold / 3)))
    ours.done()
    look()
    show_progress("hold: REINDEX")
    ours.execute("REINDEX TABLE CONCURRENTLY jobs")
    look()
    return dead


def hold(bench):
    """The rate at the end of a long transaction's life over that before it,
    and what it leaves behind."""
    ours, sizes, windows = bench.ours(), [], []
    ours.clear()
    ours.settle()

    def look():
        sizes.append({row["name"]: row["kib"] for row in ours.database.rows(SIZES)})
    with ours.running(concurrency=bench.options.concurrency), ours.database.connect() as holder:
        starved = hold_through(bench, ours, holder, windows, look)
        dead = recover(bench, ours, windows, look)
    show_progress("")
    (first, _), (last, _), _ = windows
    show_figure(f"held for {bench.options.hold} s, end/begin", "", last / first, least=0.7)
    for when, (rate, cpu) in zip(("before it", "at its end", "after autovacuum"), windows):
        print(f"{'  ' + when:26} {rate:9.1f} /s   {cpu:.0f} us of a processor per job in Postgres")
    print(f"{'  dead rows':26} {dead[0]:9} at its end, {dead[1]} {dead[2]:.0f} s later, by autovacuum"
          + (f"; {starved} times there were too few jobs: rates are too low" if starved else ""))
    print(f"{'  size in KiB':26} before it   at its end   autovacuum and more jobs   REINDEX")
    for name in sizes[0]:
        print(f"    {name:22} {sizes[0][name]:9} {sizes[1][name]:12} {sizes[2][name]:26} {sizes[3][name]:9}")
