"""A Redis server of the test's own, on a free port, that keeps nothing on disk."""
import os
import shutil
import signal
import socket
import subprocess

from support.ports import free_port
from support.waiting import eventually


class Redis:
    def __init__(self, password=None):
        self.port, self.password, self.process = free_port(), password, None

    @property
    def url(self):
        login = f":{self.password}@" if self.password else ""
        return f"redis://{login}127.0.0.1:{self.port}"

    def start(self):
        program = shutil.which("redis-server")
        assert program, "no redis-server: run script/bootstrap --tests"
        flags = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", "/tmp"]
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

    def command(self, *words):
        """The first line of the answer."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
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
