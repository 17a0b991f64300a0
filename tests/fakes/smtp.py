"""A mail server that the test plays: it keeps the mails, or fails in the way that the test says.

    with FakeSmtp() as server:            # server.url, server.mails
        server.fault = Fault.at("RCPT", 451)

A `mail` has `sender`, `recipients` and `message` (an email.message.EmailMessage)."""
import base64
import contextlib
import email
import email.policy
import re
import socketserver
import ssl
import subprocess
import threading
from dataclasses import dataclass, field


@dataclass
class Mail:
    sender: str
    recipients: list
    raw: bytes
    encrypted: bool
    login: str
    message: email.message.EmailMessage = field(init=False)

    def __post_init__(self):
        self.message = email.message_from_bytes(self.raw, policy=email.policy.default)

    @property
    def text(self):
        return self.message.get_content()

    @property
    def link(self):
        (link,) = re.findall(r"https?://\S+", self.text)
        return link

    @property
    def token(self):
        return self.link.partition("?token=")[2]


@dataclass
class Fault:
    """At a command ("GREETING" before all, "." after the text): an answer, or none at all."""
    command: str
    code: int = None  # None: it hangs
    times: int = 1000000


def authority(folder):
    """A certificate authority's file, and a server's context with a certificate of it for
    this machine."""
    ca, ca_key, key, request, certificate = (folder / name for name in
                                             ("ca.pem", "ca.key", "server.key", "server.csr", "server.pem"))
    extensions = folder / "extensions"
    extensions.write_text("subjectAltName=IP:127.0.0.1,IP:0.0.0.0\n")
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    for arguments in (["req", "-x509", *curve, "-subj", "/CN=Test CA", "-keyout", ca_key, "-out", ca, "-days", "2"],
                      ["req", *curve, "-subj", "/CN=127.0.0.1", "-keyout", key, "-out", request],
                      ["x509", "-req", "-in", request, "-CA", ca, "-CAkey", ca_key, "-CAcreateserial", "-days", "2",
                       "-extfile", extensions, "-out", certificate]):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return ca, context


class Session(socketserver.StreamRequestHandler):
    encrypted, login, sender = False, "", None

    def say(self, code, *lines):
        for n, line in enumerate(lines or ("ok",), 1):
            self.wfile.write(f"{code}{' ' if n == len(lines or (1,)) else '-'}{line}\r\n".encode())
        self.wfile.flush()

    def fails(self, command):
        """Whether the fault of this command has answered in place of the server."""
        fault = self.server.fault
        if not fault or fault.command != command or fault.times <= 0:
            return False
        fault.times -= 1
        if fault.code is None:
            self.server.hanging.set()
            self.server.closing.wait(60)
            if self.server.fault is not fault:
                return False  # the test took it back: the server goes on
            raise ConnectionAbortedError
        self.say(fault.code, "5.7.1 said for a test")
        return True

    def handle(self):
        try:
            if self.server.tls and self.server.smtps:
                self.encrypt()
            self.server.connections += 1
            if not self.fails("GREETING"):
                self.say(220, "mail.test ESMTP")
            while self.step():
                pass
        except (OSError, ValueError):
            pass

    def finish(self):
        with contextlib.suppress(OSError):
            super().finish()
        self.connection.close()

    def encrypt(self):
        self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb")
        self.encrypted = True

    def step(self):
        line = self.rfile.readline(2000).decode().rstrip("\r\n")
        command, _, rest = line.partition(" ")
        command = command.upper()
        self.server.commands.append(line)
        if not line:
            return False
        if self.fails(command):
            return command != "QUIT"
        act = getattr(self, f"on_{command.lower()}", None)
        if act:
            return act(rest) is not False
        self.say(502, "not here")
        return True

    def on_ehlo(self, name):
        offers = ["mail.test", "SIZE 100000", "SMTPUTF8", "8BITMIME", "AUTH PLAIN"]
        self.say(250, *offers, *(["STARTTLS"] if self.server.tls and not self.encrypted else []))

    def on_starttls(self, _):
        self.say(220)
        self.encrypt()

    def on_auth(self, words):
        said = words.split()[1:]
        if not said:
            self.say(334, "")
            said = [self.rfile.readline()]
        self.login = base64.b64decode(said[0]).decode()
        self.say(*((235, "welcome") if self.login == f"\0{self.server.user}\0{self.server.password}" else (535, "no")))

    def on_mail(self, rest):
        self.sender, self.recipients = re.match(r"FROM:<(.*?)>", rest)[1], []
        self.say(250)

    def on_rcpt(self, rest):
        self.recipients.append(re.match(r"TO:<(.*?)>", rest)[1])
        self.say(250)

    def on_data(self, _):
        self.say(354)
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        mail = Mail(self.sender, self.recipients, b"".join(lines), self.encrypted, self.login)
        if not self.fails("."):
            self.server.mails.append(mail)
            self.say(250)

    def on_quit(self, _):
        self.say(221)
        return False


class FakeSmtp(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    request_queue_size = 64

    def __init__(self, port=0, tls=None, smtps=False, user="", password=""):
        super().__init__(("127.0.0.1", port), Session)
        self.tls, self.smtps, self.user, self.password = tls, smtps, user, password
        self.mails, self.commands, self.fault, self.connections = [], [], None, 0
        self.hanging, self.closing = threading.Event(), threading.Event()
        self.port = self.server_address[1]
        login = f"{user}:{password}@" if user else ""
        self.url = f"smtp{'s' if smtps else ''}://{login}127.0.0.1:{self.port}"
        self.settings = {"SMTP_URL": self.url, "MAIL_FROM": "PersonaWorlds <mail@personaworlds.test>"}
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,))

    def to(self, person):
        """The mails to the person, or to the address."""
        return [mail for mail in list(self.mails) if mail.recipients == [getattr(person, "email", person)]]

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.closing.set()
        self.shutdown()
        self.server_close()
        self._thread.join()
