"""What the engines say of themselves: who is primary, whom it waits for, who leads etcd."""
import base64
import json
import socket
import urllib.error
import urllib.request

from processes import descendants, postmaster

THREE = (1, 2, 3)


def http(address, path="/", body=None, method=None, login=None, timeout=2):
    """Status and body as text; None, "" where nobody answers."""
    request = urllib.request.Request(f"http://{address}{path}", method=method,
                                     data=None if body is None else json.dumps(body).encode())
    if login:
        request.add_header("Authorization", "Basic " + base64.b64encode(login.encode()).decode())
    if body is not None:
        request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=timeout) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.read().decode()
    except (OSError, ValueError):
        return None, ""


class Nodes:
    """A look at a layout whose stack runs, or is starting."""

    def __init__(self, layout, pids):
        self.layout, self.pids = layout, pids

    def at(self, name):
        return f"127.0.0.1:{self.layout.ports[name]}"

    # ---- Postgres ----

    def members(self):
        """Patroni's, by name, with role (leader, sync_standby, replica) and state."""
        for n in THREE:
            status, text = http(self.at(f"patroni{n}"), "/cluster", timeout=1)
            if status == 200:
                return {member["name"]: member for member in json.loads(text)["members"]}
        return {}

    def named(self, role):
        """The node that has this role and runs; None where there is none just now."""
        return next((name for name, member in self.members().items()
                     if member["role"] == role and member["state"] in ("running", "streaming")), None)

    def ask_patroni(self, path, body, method="POST"):
        """Of the first that answers; a switchover takes its time."""
        login = f"patroni:{self.layout.passwords['restapi']}"
        for n in THREE:
            if http(self.at(f"patroni{n}"), "/liveness", timeout=1)[0]:
                return http(self.at(f"patroni{n}"), path, body, method, login, timeout=30)
        return None, "no Patroni answers"

    def processes(self, name):
        """All of a part; with a node's Patroni its Postgres."""
        return (descendants(self.pids[name]) if self.pids.get(name) else []) + self.postgres(name)

    def postgres(self, name):
        """A node's Postgres, its first process first."""
        main = postmaster(self.layout.folder / name / "data")
        return descendants(main) if main else []

    # ---- the others ----

    def etcd_leader(self):
        for n in THREE:
            status, text = http(self.at(f"etcd{n}"), "/v3/maintenance/status", {}, timeout=1)
            if status == 200:
                said = json.loads(text)
                if said.get("leader") == said["header"]["member_id"]:
                    return f"etcd{n}"
        return None

    def redis_master(self):
        for n in (1, 2):
            if "role:master" in self.redis(f"redis{n}", "INFO replication"):
                return f"redis{n}"
        return None

    def redis(self, name, command):
        try:
            with socket.create_connection(("127.0.0.1", self.layout.ports[name]), timeout=1) as connection:
                connection.sendall(f"{command}\r\nQUIT\r\n".encode())
                return b"".join(iter(lambda: connection.recv(4096), b"")).decode()
        except OSError:
            return ""

    def is_ready(self, service):
        return http(self.at(service), "/readyz", timeout=1)[0] == 200
