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
from support.program import LIMITED
from support.waiting import eventually

NO_LIMITS = {f"RATE_LIMIT_{name}": "1000000/1s" for name in LIMITED}  # every request comes from one address
PGBENCH_SUBJECTS = 8


class Side(Api):
    """An API of one binary, without rate limits and migrations."""

    def __init__(self, name, database, folder, program):
        super().__init__(database, folder, program, AUTO_MIGRATE="0", **NO_LIMITS)
        self.name, self.server = name, database.cluster

    def ask_each(self, route):
        with httpx.Client(base_url=self.url) as client:
            for n in range(route.subjects):
                client.get(route.path(n)).raise_for_status()

    def closed_loop(self, requests, first, options):
        """wrk on `requests`, a file of them, from the first-th on."""
        api, postgres = proc_cpu_seconds(self.process.pid), self.server.cpu_seconds()
        done = wrk(self.url, requests, first, options)
        count = int(re.search(r"(\d+) requests in", done)[1])
        os.truncate(self.log.fileno(), 0)
        return {"rate": float(re.search(r"Requests/sec:\s+([\d.]+)", done)[1]), "count": count,
                "api_us": (proc_cpu_seconds(self.process.pid) - api) / count * 1e6,
                "postgres_us": (self.server.cpu_seconds() - postgres) / count * 1e6,
                "rss_mib": self.resident_mib()}


def wrk(url, requests, first, options):
    command = ["wrk", "-t1", f"-c{options.connections}", f"-d{options.seconds}", "--timeout", "10", "-s",
               CHECKOUT / "bench" / "reads.lua", url, "--", requests, str(first)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "Non-2xx" not in done.stdout and "Socket errors" not in done.stdout, done.stdout
    return done.stdout


class Pgbench:
    """The statement of a route as a prepared one, its subjects in turn; `sql`: the folder of statements."""

    def __init__(self, database, folder, sql):
        self.database, self.folder, self.sql = database, folder, sql

    def read(self, name):
        return statement_text(name, self.sql)

    def rate(self, route, options):
        scripts, variables = [], {}
        for n in range(min(PGBENCH_SUBJECTS, route.subjects)):
            text, values = script_of(self.read(route.statement), n, route.parameters(n), self.read)
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
        done = wrk(self.url, self.offer(route), 0, options)
        return {"rate": float(re.search(r"Requests/sec:\s+([\d.]+)", done)[1])}


def write_requests(route, folder):
    path = folder / f"{route.name}.txt"
    path.write_text("\n".join(requests_of(route)) + "\n")
    return path


def settle(server):
    """Returns when Postgres has done what the last measurement left behind, or after two seconds."""
    end, last = time.monotonic() + 2, [None]

    def is_idle():
        now = server.cpu_seconds()
        idle, last[0] = last[0] is not None and now - last[0] < 0.05, now
        return idle or time.monotonic() > end
    eventually(is_idle, within=3, pause=0.25)
