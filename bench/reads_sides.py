"""What `script/bench reads` measures with: API processes, wrk, pgbench and nginx. Each measurement
is a rate and, of ours, the processor time of a request."""
import os
import re
import subprocess
import time

from bench import Api, httpx, start_nginx
from job_sides import proc_cpu_seconds
from reads_data import CHECKOUT
from reads_routes import requests_of, script_of, statement_text
from support.postgres import _binaries
from support.program import LIMITED, NO_CAPS
from support.waiting import eventually

NO_LIMITS = {f"RATE_LIMIT_{name}": "1000000/1s" for name in LIMITED} | NO_CAPS  # one address
PGBENCH_SUBJECTS = 8
FEW = 8  # connections: who is refused asks again at once, and takes the processor from who draws


class Side(Api):
    """An API of one binary, without rate limits and migrations."""

    def __init__(self, name, database, folder, program, **settings):
        super().__init__(database, folder, program, AUTO_MIGRATE="0", **NO_LIMITS | settings)
        self.name, self.server, self.folder = name, database.cluster, folder

    def ask_each(self, route):
        with httpx.Client(base_url=self.url) as client:
            for n in range(route.subjects):
                client.get(route.path(n)).raise_for_status()

    def closed_loop(self, route, first, options):
        """wrk on the requests of the route from the first-th on; what is refused doesn't count."""
        api, postgres = proc_cpu_seconds(self.process.pid), self.server.cpu_seconds()
        rate, answered, refused = wrk(self.url, self.requests(route), first, options,
                                      FEW if route.may_refuse else options.connections)
        assert route.may_refuse or not refused, f"{route.name}: {refused} of {answered + refused} weren't answered 200"
        os.truncate(self.log.fileno(), 0)
        return {"rate": rate, "answered": answered, "refused": refused,
                "api_us": (proc_cpu_seconds(self.process.pid) - api) / max(answered, 1) * 1e6,
                "postgres_us": (self.server.cpu_seconds() - postgres) / max(answered, 1) * 1e6,
                "rss_mib": self.resident_mib()}

    def requests(self, route):
        path = self.folder / f"{route.name}.txt"
        if not path.exists():
            path.write_text("\n".join(requests_of(route)) + "\n")
        return path


def wrk(url, requests, first, options, connections):
    """Answers a second with 200, their number, and that of the others."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{options.seconds}", "--timeout", "10", "-s",
               CHECKOUT / "bench" / "reads.lua", url, "--", requests, str(first)]
    done = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Socket errors" not in done, done
    count, rate = int(re.search(r"(\d+) requests in", done)[1]), float(re.search(r"Requests/sec:\s+([\d.]+)", done)[1])
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", done)
    answered = count - int(refused[1]) if refused else count
    return rate * answered / max(count, 1), answered, count - answered


class Pgbench:
    """The statement of a route as a prepared one, its subjects in turn; `sql`: the folder of statements."""

    def __init__(self, database, folder, sql):
        self.database, self.folder, self.sql = database, folder, sql

    def read(self, name):
        return statement_text(name, self.sql)

    def statement_of(self, route):
        return route.statement if (self.sql / f"{route.statement}.sql").exists() else route.before

    def rate(self, route, options):
        scripts, variables = [], {}
        for n in range(min(PGBENCH_SUBJECTS, route.subjects)):
            text, values = script_of(self.read(self.statement_of(route)), n, route.parameters(n), self.read)
            path = self.folder / f"{route.name}-{n}.sql"
            path.write_text(text)
            scripts += ["-f", path]
            variables |= values
        given = [word for name, value in variables.items() for word in ("-D", f"{name}={value}")]
        command = [_binaries() / "pgbench", "-n", "-M", "prepared", "-c16", "-j2", f"-T{options.seconds}", *given,
                   *scripts, "-h", "127.0.0.1", "-p", str(self.database.cluster.port), "-U", "postgres",
                   self.database.name]
        before = self.database.cluster.cpu_seconds()
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        count = int(re.search(r"actually processed: (\d+)", done.stdout)[1])
        return {"rate": float(re.search(r"tps = ([\d.]+)", done.stdout)[1]),
                "postgres_us": (self.database.cluster.cpu_seconds() - before) / count * 1e6}


class Nginx:
    """Files of the size of our answers."""

    def __init__(self, folder, api):
        self.folder, self.api = folder, api
        (folder / "files").mkdir()
        folder.chmod(0o755)  # its workers may be somebody else

    def __enter__(self):
        self.process, self.url = start_nginx(self.folder, self.api)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)

    def offer(self, route):
        """A file as long as our answer, and the list with it alone."""
        (self.folder / "files" / route.name).write_bytes(b"x" * len(httpx.get(self.api.url + route.path(0)).content))
        requests = self.folder / f"{route.name}-nginx.txt"
        requests.write_text(f"/{route.name}\n")
        return requests

    def rate(self, route, options):
        rate, _, refused = wrk(self.url, self.offer(route), 0, options, options.connections)
        assert not refused
        return {"rate": rate}


def settle(server):
    """Returns when Postgres has done what the last measurement left behind, or after two seconds."""
    end, last = time.monotonic() + 2, [None]

    def is_idle():
        now = server.cpu_seconds()
        idle, last[0] = last[0] is not None and now - last[0] < 0.05, now
        return idle or time.monotonic() > end
    eventually(is_idle, within=3, pause=0.25)
