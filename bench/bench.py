"""bench.py [--rounds N] [--seconds N] [--connections N]: the program beside its peers.

All figures of a line come from one run on one machine. The two sides take turns, so that the ratio
of their medians holds on a noisy machine, too:
- GET /rooms beside pgbench with the very SQL of the route (prepared, 16 connections);
- GET /healthz beside nginx (two workers, `return 200`, the same headers, a buffered JSON
  access log);
- the resident memory of an idle API, and the time from its start on a migrated database to
  `readyz` 200.
"""
import argparse
import pathlib
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

CHECKOUT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT / "tests"))

import httpx  # noqa: E402
from support.ports import free_port  # noqa: E402
from support.postgres import Cluster, _binaries  # noqa: E402
from support.program import JWT_SECRET, environment, run  # noqa: E402
from support.waiting import eventually  # noqa: E402

PROGRAM = CHECKOUT / "build" / "personaworlds"
NGINX = """
worker_processes 2;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
events {{ worker_connections 1024; }}
http {{
  log_format json escape=json '{{"ts":"$time_iso8601","level":"info","msg":"http_request","service":"nginx",'
                              '"request_id":"$request_id",'
                              '"route":"$uri","method":"$request_method","status":$status,"latency_ms":$request_time}}';
  access_log {folder}/nginx-access.log json buffer=64k flush=1s;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{
    listen 127.0.0.1:{port} reuseport;
    keepalive_requests 100000000;
    root {folder}/files;
    location /healthz {{
      default_type application/json;
{headers}
      return 200 '{{"ok":true}}';
    }}
  }}
}}
"""
OWN_HEADERS = {"date", "content-type", "content-length", "connection", "server"}


def wait_for(url):
    def answers():
        try:
            return httpx.get(url).status_code == 200
        except httpx.TransportError:
            return False
    eventually(answers, within=10)


class Api:
    def __init__(self, database, folder, program=PROGRAM, **settings):
        self.program, self.port = program, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = environment(DATABASE_URL=database.url, PORT=self.port, JWT_SECRET=JWT_SECRET, **settings)
        self.log = open(folder / f"api-{self.port}.log", "ab")

    def start(self):
        self.process = subprocess.Popen([self.program, "api"], env=self.environment, stdout=self.log)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)

    def __enter__(self):
        self.start()
        wait_for(f"{self.url}/readyz")
        return self

    def __exit__(self, *_):
        self.stop()

    def ask(self, request):
        with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
            connection.sendall(request)
            return connection.recv(4096)

    def milliseconds_to_ready(self):
        question = b"GET /readyz HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n"
        began = time.monotonic()
        self.start()
        while time.monotonic() < began + 10:
            try:
                if b" 200 " in self.ask(question)[:16]:
                    return (time.monotonic() - began) * 1000
            except OSError:
                pass
        raise TimeoutError("the API isn't ready after 10 s")

    def resident_mib(self, name="VmRSS"):
        """VmHWM is the most that it ever had."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{name}:\s+(\d+) kB", status)[1]) / 1024


def start_nginx(folder, api):
    port = free_port()
    headers = {name: value
               for name, value in httpx.get(f"{api.url}/healthz").headers.items() if name not in OWN_HEADERS}
    headers["x-request-id"] = "$request_id"
    lines = "\n".join(f"      add_header {name} {value if value.startswith('$') else repr_of(value)};"
                      for name, value in headers.items())
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port, headers=lines))
    process = subprocess.Popen(["nginx", "-e", folder / "nginx-error.log", "-c", folder / "nginx.conf"],
                               stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{url}/healthz")
    except BaseException:
        process.terminate()
        raise
    return process, url


def repr_of(value):
    return '"' + value.replace('"', '\\"') + '"'


def requests_per_second(url, options, token=None):
    header = ["-H", f"Authorization: Bearer {token}"] if token else []
    done = subprocess.run(["wrk", "-t1", f"-c{options.connections}", f"-d{options.seconds}", *header, url],
                          capture_output=True, text=True, check=True)
    assert "Non-2xx" not in done.stdout and "Socket errors" not in done.stdout, done.stdout
    return float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)[1])


def transactions_per_second(cluster, database, script, user, options):
    command = [_binaries() / "pgbench", "-n", "-M", "prepared", "-c16", "-j2", f"-T{options.seconds}", "-D",
               f"caller={user}", "-f", script,
               "-h", "127.0.0.1", "-p", str(cluster.port), "-U", "postgres", database.name]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(re.search(r"tps = ([\d.]+)", done.stdout)[1])


def route_script(folder):
    statement = (CHECKOUT / "backend/sql/rooms/list.sql").read_text()
    code = "\n".join(line for line in statement.splitlines() if not line.startswith("--"))
    script = folder / "rooms.sql"
    script.write_text(code.replace("$1", ":caller") + ";\n")
    return script


def alternate(rounds, name, ours, theirs):
    figures = ([], [])
    for n in range(rounds):
        for side, measure in enumerate((ours, theirs)):
            show_progress(f"{name}: round {n + 1} of {rounds}")
            figures[side].append(measure())
    show_progress("")
    return figures


def show_progress(text):
    if sys.stderr.isatty():
        print(f"\r{text:60}", end="" if text else "\r", file=sys.stderr, flush=True)


def show_ratio(name, peer, figures, least):
    ours, theirs = (statistics.median(side) for side in figures)
    verdict = "ok" if ours / theirs >= least else "SHORT"
    print(f"{name:14} {ours:9.0f}/s   {peer:8} {theirs:9.0f}/s   ratio {ours / theirs:.2f}  (at least {least:.2f}: "
          f"{verdict})")


def show_most(name, figures, unit, most):
    middle = statistics.median(figures)
    print(f"{name:14} {middle:9.1f} {unit} {' ' * 33}(at most {most} {unit}: {'ok' if middle <= most else 'SHORT'})")


def measure_starts(api, rounds):
    times, sizes = [], []
    for _ in range(rounds):
        times.append(api.milliseconds_to_ready())
        eventually(lambda: b" 200 " in api.ask(b"GET /healthz HTTP/1.1\r\nHost: bench\r\n\r\n"), within=2)
        sizes.append(api.resident_mib())
        api.stop()
    return times, sizes


def read_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5, help="of each measurement")
    parser.add_argument("--connections", type=int, default=64)
    return parser.parse_args()


def main():
    options = read_options()
    with tempfile.TemporaryDirectory(prefix="personaworlds-bench-") as name, Cluster() as cluster:
        folder = pathlib.Path(name)
        database = cluster.create()
        for command in (["migrate"], ["seed", "--demo"]):
            run(*command, program=PROGRAM, DATABASE_URL=database.url)
        times, sizes = measure_starts(Api(database, folder), options.rounds)
        with Api(database, folder) as api:
            login = httpx.post(f"{api.url}/auth/login",
                               json={"email": "demo-ayse@example.com", "password": "demo-password-1"}).json()
            script = route_script(folder)
            rooms = alternate(options.rounds, "GET /rooms",
                              lambda: requests_per_second(f"{api.url}/rooms", options, login["token"]),
                              lambda: transactions_per_second(cluster, database, script, login["user_id"], options))
            nginx, url = start_nginx(folder, api)
            try:
                health = alternate(options.rounds, "GET /healthz",
                                   lambda: requests_per_second(f"{api.url}/healthz", options),
                                   lambda: requests_per_second(f"{url}/healthz", options))
            finally:
                nginx.terminate()
                nginx.wait(10)
    show_ratio("GET /rooms", "pgbench", rooms, 0.9)
    show_ratio("GET /healthz", "nginx", health, 0.9)
    show_most("idle memory", sizes, "MiB", 12)
    show_most("start to ready", times, "ms ", 50)


if __name__ == "__main__":
    main()
