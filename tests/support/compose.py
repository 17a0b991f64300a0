"""The commands of the runbook, as they stand there, on a stack of services that a test has started.

    with Compose(tmp_path, database.url, cluster, backend=[api], worker=[worker]) as stack:
        done = stack.run("docker compose logs worker | jq 'select(.level==\"error\")'")

A command runs in bash, with its pipes and quotes. `psql`, `jq`, `rg` and the like are the real
ones. In the PATH before them stand
- `docker`: `docker compose ps|logs|up|restart|stop|start|run` of the services backend, worker,
  postgres and redis, done to the test's own processes. What was logged before a restart stays
  readable. `up --force-recreate` and `--build` start a service with the settings that the test has
  given it meanwhile. So does `up` after `REDIS_URL=…`: whatever its value, the address is that of
  the test's Redis.
- `curl`: the runbook's ports are the stack's.
- `personaworlds`: the tests' binary. `triage` and `verify` look at the stack, and only for a moment
  where the command names no time.
- `git`: notes what it was asked (`stack.git`), and calls `stack.on_git`.
An error in the shim, like a service that doesn't end cleanly, is the command's exit code 125 and
its stderr.
"""
import argparse
import json
import os
import pathlib
import socketserver
import subprocess
import sys
import tempfile
import threading
import traceback

from support import secrets
from support.program import JWT_SECRET, REPORT, Service, binary, environment
from support.roles import as_role
from support.waiting import eventually

CLIENT = """#!{python}
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect({socket!r})
    server.sendall(json.dumps([os.environ.get("REDIS_URL", ""), {tool!r}, *sys.argv[1:]]).encode() + b"\\n")
    answer = json.loads(server.makefile().read())
sys.stdout.write(answer["out"])
sys.stderr.write(answer["err"])
sys.exit(answer["code"])
"""
CURL = """#!/bin/bash
arguments=("$@")
{rewrite}
exec /usr/bin/curl "${{arguments[@]}}"
"""
PROGRAM = """#!/bin/bash
case "$1" in
  triage) [[ " $* " == *" --api "* ]] || set -- "$@" {places}
          [[ " $* " == *" --sample "* ]] || set -- "$@" --sample 300ms ;;
  verify) set -- "$@" {places}; [[ " $* " == *" --for "* ]] || set -- "$@" --for 1s --every 100ms ;;
esac
exec {binary} "$@"
"""


class _Usage(argparse.ArgumentParser):
    def error(self, message):
        raise ValueError(f"docker: {message}")


def _docker():
    """What of `docker compose` the runbook uses."""
    parser = _Usage(prog="docker", add_help=False)
    compose = parser.add_subparsers(dest="tool", required=True).add_parser("compose", add_help=False)
    compose.add_argument("--profile", action="append", default=[])
    commands = compose.add_subparsers(dest="command", required=True)
    logs = commands.add_parser("logs", add_help=False)
    logs.add_argument("--no-log-prefix", action="store_true")
    logs.add_argument("--since")
    logs.add_argument("--tail", type=int)
    up = commands.add_parser("up", add_help=False)
    up.add_argument("-d", action="store_true", required=True)
    up.add_argument("--build", action="store_true")
    up.add_argument("--force-recreate", action="store_true")
    up.add_argument("--scale", action="append", default=[])
    for command in (logs, up,
                    *(commands.add_parser(name, add_help=False) for name in ("ps", "restart", "stop", "start"))):
        command.add_argument("services", nargs="*")
    one_off = commands.add_parser("run", add_help=False)
    for flag in ("--rm", "--no-deps", "-T"):
        one_off.add_argument(flag, action="store_true")
    one_off.add_argument("services", nargs=1)
    one_off.add_argument("words", nargs=argparse.REMAINDER)
    return parser


class _Replica:
    """One service's process, and the lines of those that it had before."""

    def __init__(self, service):
        self.service, self.former, self._log = service, [], service.log

    @property
    def is_running(self):
        return self.service in Service.alive and self.service.process.poll() is None

    def lines(self):
        self._keep()
        return [json.dumps(line, ensure_ascii=False)
                for line in [*self.former, *(self._log.lines if self._log else [])]]

    def _keep(self):
        if self.service.log is not self._log:
            self.former += self._log.lines if self._log else []
            self._log = self.service.log

    def start(self):
        if not self.is_running:
            self._keep()
            self.service.launch()
            eventually(self._answers, within=10)

    def _answers(self):
        assert self.service.process.poll() is None, self.service.story()
        try:
            return self.service.client.get("/healthz", timeout=5).status_code < 500
        except OSError:
            return False
        except Exception as error:  # httpx has errors of its own for what isn't there yet
            assert "httpx" in type(error).__module__ or "httpcore" in type(error).__module__, error
            return False

    def stop(self):
        self.service.stop()


class Compose:
    def __init__(self, folder, database_url, cluster, backend, worker, redis=None, **settings):
        self.folder = pathlib.Path(folder)
        self.cluster, self.redis = cluster, redis
        self.settings = {"DATABASE_URL": as_role(database_url, "ops"), "DATABASE_OWNER_URL": database_url,
                         "JWT_SECRET": JWT_SECRET} | settings
        self.replicas = {"backend": [_Replica(service) for service in backend],
                         "worker": [_Replica(service) for service in worker]}
        self.git, self.on_git = [], None
        (self.folder / "compose.yaml").touch()  # by it the program knows where it stands

    # ---- commands ----

    def run(self, command, within=60, **variables):
        """A command of the runbook in bash, as an operator would paste it:
        its exit code, stdout and stderr. `variables` are set in its shell."""
        self._write_shims()
        shell = environment(**self.settings | self._ports() | variables)
        shell["PATH"] = f"{self.folder}/bin:{shell['PATH']}"
        done = subprocess.run(["bash", "-o", "pipefail", "-c", command], env=shell, capture_output=True, text=True,
                              timeout=within, cwd=self.folder)
        assert done.returncode != 125, f"{command}: {done.stderr}"
        assert not REPORT.search(done.stderr), done.stderr
        secrets.search((done.stdout + done.stderr).encode(), shell, command)
        return done

    def _ports(self):
        return {"PORT": self.replicas["backend"][0].service.port,
                "WORKER_OBSERVABILITY_PORT": self.replicas["worker"][0].service.port}

    def _write_shims(self):
        """Anew for each command, as replicas come and go."""
        api, worker = self._ports().values()
        places = " ".join(f"--{kind} http://127.0.0.1:{replica.service.port}"
                          for kind, name in (("api", "backend"), ("worker", "worker"))
                          for replica in self.replicas[name])
        rewrite = "\n".join(f'arguments=("${{arguments[@]//localhost:{known}/127.0.0.1:{port}}}")'
                            for known, port in ((8080, api), (9091, worker)))
        for tool in ("docker", "git"):
            self._write(tool, CLIENT.format(python=sys.executable, socket=self._socket, tool=tool))
        self._write("curl", CURL.format(rewrite=rewrite))
        self._write("personaworlds", PROGRAM.format(places=places, binary=binary()))

    def _write(self, name, text):
        program = self.folder / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(text)
        program.chmod(0o755)

    # ---- what the shims ask for ----

    def answer(self, redis_url, tool, *words):
        """`redis_url`: what the variable is for this command,
        as compose.yaml hands it to the services."""
        if tool == "git":
            self.git.append(words)
            return self.on_git(*words) if self.on_git else ""
        asked = _docker().parse_args(words)
        unknown = set(asked.services) - {"postgres", "redis", "ops", *self.replicas}
        if unknown:
            raise ValueError(f"no such service: {unknown}")
        asked.redis_url = redis_url
        return getattr(self, f"_{asked.command}")(asked) or ""

    def _services(self, asked):
        return asked.services or ["postgres", *self.replicas]

    def _of(self, name):
        return list(enumerate(self.replicas.get(name, []), 1))

    def _ps(self, asked):
        rows = [(f"personaworlds-{name}-{number}", name, "Up (healthy)") for name in self._services(asked)
                for number, replica in self._of(name) if replica.is_running]
        if "postgres" in self._services(asked) and self.cluster.process and self.cluster.process.poll() is None:
            rows.append(("personaworlds-postgres-1", "postgres", "Up (healthy)"))
        return "".join(f"{name:30} {service:10} {status}\n"
                       for name, service, status in [("NAME", "SERVICE", "STATUS"), *rows])

    def _logs(self, asked):
        """Each line has its service before it, unless it is told not to, as the real one does it:
        jq can't read it with that."""
        said = []
        for name in self._services(asked):
            logs = [(f"{name}-{number}", replica.lines()) for number, replica in self._of(name)]
            if name == "postgres":
                logs = [("postgres-1", (self.cluster.folder / "log").read_text(errors="replace").splitlines())]
            for prefix, lines in logs:
                kept = lines[-asked.tail:] if asked.tail else lines
                said += kept if asked.no_log_prefix else [f"{prefix}  | {line}" for line in kept]
        return "".join(f"{line}\n" for line in said)

    def _up(self, asked):
        if "redis" in asked.profile and self.redis and not self.redis.process:
            self.redis.start()
        if asked.redis_url:
            self._share_limits()
        self._scale(dict(wish.split("=") for wish in asked.scale))
        if "postgres" in self._services(asked):
            self._start_postgres()
        for name in asked.services or self.replicas:
            for _, replica in self._of(name):
                if asked.force_recreate or asked.build:
                    replica.stop()
                replica.start()

    def _share_limits(self):
        """What the services were given is other than what they have: so they are made anew."""
        self.settings["REDIS_URL"] = self.redis.url
        for replica in [replica for replicas in self.replicas.values() for replica in replicas]:
            if replica.service.settings.get("REDIS_URL") != self.redis.url:
                replica.service.settings["REDIS_URL"] = self.redis.url
                replica.stop()

    def _start_postgres(self):
        if not self.cluster.process or self.cluster.process.poll() is not None:
            self.cluster.start()

    def _scale(self, wishes):
        for name, wish in wishes.items():
            replicas = self.replicas[name]
            while len(replicas) > int(wish):
                replicas.pop().stop()
            while len(replicas) < int(wish):
                like = replicas[0].service
                settings = {key: value
                            for key, value in like.settings.items() if key not in ("DATABASE_URL", like.port_setting)}
                replicas.append(_Replica(type(like)(like.settings["DATABASE_URL"], program=like.program, **settings)))

    def _restart(self, asked):
        self._stop(asked)
        self._start(asked)

    def _stop(self, asked):
        for name in self._services(asked):
            for _, replica in self._of(name):
                replica.stop()
        if "postgres" in self._services(asked):
            self.cluster.stop()

    def _start(self, asked):
        if "postgres" in self._services(asked):
            self._start_postgres()
        for name in self._services(asked):
            for _, replica in self._of(name):
                replica.start()

    def _run(self, asked):
        """The program in a container of its own, where services have names."""
        api, worker = self._ports().values()
        names = {"http://backend:8080": f"http://127.0.0.1:{api}", "http://worker:9091": f"http://127.0.0.1:{worker}"}
        done = subprocess.run([f"{self.folder}/bin/personaworlds", *[names.get(word, word) for word in asked.words]],
                              env=environment(**self.settings | self._ports()), capture_output=True, text=True,
                              timeout=60)
        return {"out": done.stdout, "err": done.stderr, "code": done.returncode}

    # ---- the socket ----

    def __enter__(self):
        stack = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                answer = {"out": "", "err": "", "code": 0}
                try:
                    said = stack.answer(*json.loads(self.rfile.readline()))
                    answer |= said if isinstance(said, dict) else {"out": said}
                except Exception:  # for the command's stderr, where the test sees it
                    answer |= {"err": traceback.format_exc(), "code": 125}
                self.wfile.write(json.dumps(answer).encode())

        # A socket's path has 107 bytes at most.
        self._socket_folder = tempfile.TemporaryDirectory(prefix="personaworlds-compose-")
        self._socket = os.path.join(self._socket_folder.name, "socket")
        self._server = socketserver.ThreadingUnixStreamServer(self._socket, Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._socket_folder.cleanup()
        for replica in [replica for replicas in self.replicas.values() for replica in replicas]:
            replica.stop()
