"""What a stack consists of, each part started by the files of deploy/ha/ as an operator would."""
import glob
import os
import pathlib
import shutil

from processes import Process

HERE = pathlib.Path(__file__).resolve()
FILES = HERE.parents[1]
CHECKOUT = HERE.parents[3]
THREE = (1, 2, 3)
DATABASE = "personaworlds"
CHECK_EVERY, STOP_DELAY = "300ms", "1s"  # less than in an installation: Ctrl-C shouldn't take long
NODE_BACK, ENGINE_BACK = 30, 10  # seconds: a machine that starts again, a service that is started again


def program():
    named = os.environ.get("PERSONAWORLDS_BINARY")
    return pathlib.Path(named).resolve() if named else CHECKOUT / "build/personaworlds"


def find(name):
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/opt/patroni/bin")
    if not found:
        raise SystemExit(f"script/stack: no {name} here: run script/bootstrap --stack")
    return found


def postgres_programs():
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]))
    if not found:
        raise SystemExit("script/stack: no Postgres here: run script/bootstrap --stack")
    return found[-1]


class Parts:
    """All processes of a stack by their names, in the order of their start."""

    def __init__(self, layout, way, settings):
        self.layout, self.way, self.settings = layout, way, settings
        self.files = layout.folder / "etc"
        self.logs = layout.folder / "log"
        for folder in (self.files, self.logs):
            folder.mkdir(mode=0o755, exist_ok=True)
        for path in FILES.iterdir():  # where the engines' user can read them, wherever the checkout is
            if path.is_file():
                shutil.copyfile(path, self.files / path.name)
                (self.files / path.name).chmod(0o644)
        self.all = {}
        for add in (self._etcd, self._redis, self._sentinels, self._patroni, self._haproxy, self._pgbouncer,
                    self._services):
            add()

    def _add(self, name, command, environment=None, **options):
        environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin")} | (environment or {})
        folder = self.layout.place(name, of_engine=options.get("is_engine", True))
        self.all[name] = Process(name, command, folder=folder, log=self.logs / f"{name}.log",
                                 environment={key: str(value) for key, value in environment.items()}, **options)

    def at(self, name):
        return f"127.0.0.1:{self.layout.ports[name]}"

    def url(self, role, port, database=DATABASE):
        user = "postgres" if role == "superuser" else f"personaworlds_{role}"
        return f"postgres://{user}:{self.layout.passwords[role]}@{self.at(port)}/{database}?sslmode=disable"

    # ---- engines ----

    def _etcd(self):
        common = dict(line.split("=", 1) for line in (self.files / "etcd.env").read_text().splitlines()
                      if line and not line.startswith("#"))
        cluster = ",".join(f"etcd{n}=http://{self.at(f'etcd_peer{n}')}" for n in THREE)
        for n in THREE:
            client, peer = f"http://{self.at(f'etcd{n}')}", f"http://{self.at(f'etcd_peer{n}')}"
            self._add(f"etcd{n}", lambda: [find("etcd")], common | {
                "ETCD_NAME": f"etcd{n}", "ETCD_DATA_DIR": self.layout.folder / f"etcd{n}/data",
                "ETCD_LISTEN_CLIENT_URLS": client, "ETCD_ADVERTISE_CLIENT_URLS": client,
                "ETCD_LISTEN_PEER_URLS": peer, "ETCD_INITIAL_ADVERTISE_PEER_URLS": peer,
                "ETCD_INITIAL_CLUSTER": cluster}, back_after=ENGINE_BACK)

    def _patroni(self):
        for n in THREE:
            name, listen, restapi = f"pg{n}", self.at(f"pg{n}"), self.at(f"patroni{n}")
            passwords = self.layout.passwords
            own = {"PATRONI_NAME": name, "PATRONI_ETCD3_HOSTS": ",".join(self.at(f"etcd{n}") for n in THREE),
                   "PATRONI_POSTGRESQL_LISTEN": listen, "PATRONI_POSTGRESQL_CONNECT_ADDRESS": listen,
                   "PATRONI_POSTGRESQL_DATA_DIR": self.layout.folder / name / "data",
                   "PATRONI_POSTGRESQL_BIN_DIR": postgres_programs(),
                   "PATRONI_POSTGRESQL_PGPASS": self.layout.folder / name / "pgpass",
                   "PATRONI_RESTAPI_LISTEN": restapi, "PATRONI_RESTAPI_CONNECT_ADDRESS": restapi,
                   "PATRONI_RESTAPI_USERNAME": "patroni", "PATRONI_RESTAPI_PASSWORD": passwords["restapi"],
                   "PATRONI_SUPERUSER_USERNAME": "postgres", "PATRONI_SUPERUSER_PASSWORD": passwords["superuser"],
                   "PATRONI_REPLICATION_USERNAME": "replicator",
                   "PATRONI_REPLICATION_PASSWORD": passwords["replication"],
                   "PATRONI_REWIND_USERNAME": "rewinder", "PATRONI_REWIND_PASSWORD": passwords["rewind"],
                   "PYTHONDONTWRITEBYTECODE": 1}
            self._add(name, lambda: [find("patroni"), str(self.files / "patroni.yml")], own, back_after=NODE_BACK)

    def _redis(self):
        for n in (1, 2):
            follows = ["--replicaof", *self.at("redis1").split(":")] if n == 2 else []
            words = ["--bind", "127.0.0.1", "--port", str(self.layout.ports[f"redis{n}"])]
            self._add(f"redis{n}", lambda words=[*words, *follows]: [
                find("redis-server"), str(self.files / "redis.conf"), *words], back_after=ENGINE_BACK)

    def _sentinels(self):
        """Each rewrites its file, and finds there what it knows when it starts again."""
        for n in THREE:
            own = self.layout.place(f"sentinel{n}") / "sentinel.conf"
            if not own.exists():
                host, port = self.at("redis1").split(":")
                self.layout.file(own, (self.files / "sentinel.conf").read_text()
                                 + f"\nsentinel monitor {DATABASE} {host} {port} 2\n")
            self._add(f"sentinel{n}", lambda n=n, own=own: [
                find("redis-sentinel"), str(own), "--bind", "127.0.0.1",
                "--port", str(self.layout.ports[f"sentinel{n}"])])

    def _haproxy(self):
        postgres = {f"PG_{n}": self.at(f"pg{n}") for n in THREE}
        checks = {f"PG_{n}_CHECK": self.layout.ports[f"patroni{n}"] for n in THREE}
        redis = {f"REDIS_{n}": self.at(f"redis{n}") for n in (1, 2)}
        binds = {f"{name.upper()}_BIND": self.at(name) for name in ("primary", "replicas", "redis")}
        self._add("haproxy-data", lambda: [find("haproxy"), "-db", "-f", str(self.files / "haproxy-data.cfg")],
                  postgres | checks | redis | binds)
        apis = {f"API_{n}": self.at(f"api{n}") for n in (1, 2)}
        self._add("haproxy", lambda: [find("haproxy"), "-db", "-f", str(self.files / "haproxy.cfg")],
                  apis | {"HAPROXY_BIND": self.at("clients"), "HAPROXY_CHECK_EVERY": CHECK_EVERY})

    def _pgbouncer(self):
        folder = self.layout.place("pgbouncer")
        users = self.layout.file(folder / "userlist.txt", "".join(
            f'"personaworlds_{role}" "{self.layout.passwords[role]}"\n' for role in ("owner", "api", "worker", "ops")))
        own = self.layout.file(folder / "pgbouncer.ini", f"""%include {self.files}/pgbouncer.ini
[databases]
{DATABASE} = host=127.0.0.1 port={self.layout.ports["primary"]}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {self.layout.ports["pgbouncer"]}
auth_file = {users}
""")
        self._add("pgbouncer", lambda: [find("pgbouncer"), str(own)])

    # ---- our own ----

    def database_settings(self, role):
        """How a service of this role reaches Postgres."""
        if self.way == "hosts":
            several = self.url(role, "pg1").replace(self.at("pg1"), ",".join(self.at(f"pg{n}") for n in THREE))
            return {"DATABASE_URL": several + "&target_session_attrs=read-write"}
        direct = self.url(role, "primary")
        if self.way == "pgbouncer":
            return {"DATABASE_URL": self.url(role, "pgbouncer"), "DATABASE_DIRECT_URL": direct,
                    "DB_POOLER": "transaction"}
        return {"DATABASE_URL": direct}

    def _services(self):
        common = {"REDIS_URL": f"redis://{self.at('redis')}", "JWT_SECRET": self.layout.passwords["jwt"],
                  "TRUSTED_PROXIES": "127.0.0.1", "AUTO_MIGRATE": 0, "API_STOP_DELAY": STOP_DELAY,
                  "API_THREADS": 2, "FRONTEND_ORIGIN": f"http://{self.at('clients')}"} | self.settings
        for n in (1, 2):
            self._add(f"api{n}", lambda: [str(program()), "api"],
                      common | self.database_settings("api") | {"PORT": self.layout.ports[f"api{n}"]}, is_engine=False)
        for n in THREE:
            own = {"WORKER_OBSERVABILITY_PORT": self.layout.ports[f"worker{n}"]}
            self._add(f"worker{n}", lambda: [str(program()), "worker"],
                      common | self.database_settings("worker") | own, is_engine=False)
