"""A Redis server of the test's own, on a free port, that keeps nothing on disk."""
import os
import shutil
import signal
import socket
import ssl
import subprocess

from support.ports import free_port
from support.waiting import eventually


class Redis:
    """With `certificate`, a folder with server.pem, server.key and their authority's ca.pem, it
    takes TLS alone."""

    def __init__(self, password=None, certificate=None):
        self.port, self.password, self.certificate, self.process = free_port(), password, certificate, None

    @property
    def url(self):
        login = f":{self.password}@" if self.password else ""
        return f"redis{'s' if self.certificate else ''}://{login}127.0.0.1:{self.port}"

    def start(self):
        program = shutil.which("redis-server")
        assert program, "no redis-server: run script/bootstrap --tests"
        tls = ["--port", "0", "--tls-port", str(self.port), "--tls-cert-file", f"{self.certificate}/server.pem",
               "--tls-key-file", f"{self.certificate}/server.key", "--tls-ca-cert-file", f"{self.certificate}/ca.pem",
               "--tls-auth-clients", "no"]
        flags = [*(tls if self.certificate else ["--port", str(self.port)]), "--bind", "127.0.0.1", "--save", "",
                 "--appendonly", "no", "--dir", "/tmp"]
        if self.password:
            flags += ["--requirepass", self.password]
        self.process = subprocess.Popen([program, *flags], stdout=subprocess.DEVNULL)
        eventually(self.answers, within=10)
        return self

    def answers(self):
        try:
            return self.command("PING") == "+PONG"
        except OSError:
            return False

    def connect(self):
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=5)
        if not self.certificate:
            return connection
        trusted = ssl.create_default_context(cafile=self.certificate / "ca.pem")
        trusted.verify_flags &= ~ssl.VERIFY_X509_STRICT  # it would want more fields than the test's authority has
        return trusted.wrap_socket(connection, server_hostname="127.0.0.1")

    def command(self, *words):
        """The first line of the answer."""
        with self.connect() as connection:
            login = [("AUTH", self.password)] if self.password else []
            for command in [*login, words]:
                connection.sendall(b"*%d\r\n" % len(command) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word.encode())
                                                                        for word in command))
                answer = b""
                while not answer.endswith(b"\r\n"):
                    answer += connection.recv(4096)
            return answer.decode().split("\r\n")[0]

    def freeze(self):
        os.kill(self.process.pid, signal.SIGSTOP)

    def thaw(self):
        os.kill(self.process.pid, signal.SIGCONT)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.kill()
