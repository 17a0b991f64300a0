"""The sandbox of deploy/systemd's units, without a systemd that runs: what each line forbids is refused, and the
services do their work under all of them (support/sandbox.py)."""
import contextlib
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

import pytest

from fakes.openai import FakeProvider
from support import sandbox
from support.cards import card, new_battle, pixels
from support.exposition import Page
from support.people import sign_up
from support.program import CHECKOUT, MIGRATIONS, Api, Worker, binary, release_binary, run
from support.waiting import eventually

FOLDER = CHECKOUT / "deploy/systemd"
UNITS = {path.stem.removeprefix("personaworlds-"): path for path in sorted(FOLDER.glob("*.service"))}
LAUNCH = [sys.executable, sandbox.__file__]
# A sanitizer traces its own process, which no unit allows.
PROGRAM = release_binary() or binary()


def mounts_are_refused():
    asked = subprocess.run([*LAUNCH, "whole", UNITS["api"], "/bin/true"], capture_output=True, text=True)
    assert asked.returncode in (0, sandbox.MOUNTS_REFUSED), asked.stderr
    return asked.returncode == sandbox.MOUNTS_REFUSED


# A container may have no right to mount: there the filters hold alone, and the tests' names say so.
EXTENT = "calls" if mounts_are_refused() else "whole"
as_far_as_here = pytest.mark.parametrize("extent", [EXTENT], ids=[{
    "whole": "calls and files", "calls": "calls alone, as this kernel refuses mounts"}[EXTENT]])

# What a service may not do, and which lines of its unit say so.
FORBIDDEN_CALLS = {
    "os.sched_setaffinity(0, os.sched_getaffinity(0))": ("SystemCallFilter", "EPERM"),
    "libc('ptrace', 0, 0, 0, 0)": ("SystemCallFilter", "EPERM"),
    "libc('setns', -1, 0)": ("RestrictNamespaces", "EPERM"),
    "libc('personality', 0x40000)": ("LockPersonality", "EPERM"),
    "libc('syscall', CLONE3, 0, 0)": ("RestrictNamespaces", "ENOSYS"),
    "mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)": ("MemoryDenyWriteExecute", "EPERM"),
    "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)": ("RestrictAddressFamilies", "EAFNOSUPPORT"),
    "os.fchmod(file, 0o4755)": ("RestrictSUIDSGID", "EPERM"),
}
FORBIDDEN_FILES = {
    "open(place + '/written', 'w')": ("ProtectSystem", "EROFS"),
    "os.listdir('/home')": ("ProtectHome", "EACCES"),
    "os.stat('/tmp/' + stranger)": ("PrivateTmp", "ENOENT"),
    "os.stat('/proc/meminfo')": ("ProcSubset", "ENOENT"),
    "os.stat('/proc/1')": ("ProtectProc", "ENOENT"),
}
FORBIDDEN = FORBIDDEN_CALLS | (FORBIDDEN_FILES if EXTENT == "whole" else {})
ATTEMPT = """
import ctypes, errno, mmap, os, socket, sys, tempfile

CLONE3 = 435
place, stranger, deed = sys.argv[1:]
library = ctypes.CDLL(None, use_errno=True)


def libc(call, *arguments):
    if getattr(library, call)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), call)


file = os.memfd_create("mine")
try:
    eval(deed)
    print("done", end="")
except OSError as refused:
    print(errno.errorcode[refused.errno], end="")
"""


RIGHTS = {"Umask": "0077", "NoNewPrivs": "1", "Seccomp": "2"}
if os.geteuid() == 0:
    RIGHTS |= {"Uid": "\t".join(["65534"] * 4), "CapEff": "0" * 16, "CapBnd": "0" * 16}


def rights_of(process):
    """As the kernel has them."""
    lines = dict(re.findall(r"^(\w+):\t(.*)$", pathlib.Path(f"/proc/{process}/status").read_text(), re.MULTILINE))
    return {name: lines[name] for name in RIGHTS}


def sandbox_of(path):
    text = path.read_text()
    return text[text.index("AmbientCapabilities="):].partition("[Install]")[0]


def without(unit, setting):
    text = UNITS[unit].read_text()
    lines = [line for line in text.splitlines(keepends=True) if not line.startswith(f"{setting}=")]
    assert len(lines) < len(text.splitlines())
    return "".join(lines)


@pytest.fixture
def attempt(tmp_path):
    """What becomes of a deed under a unit: "done", or the error's name."""
    with contextlib.ExitStack() as made:
        # Where everybody may write, and which no setting but one hides.
        place = made.enter_context(tempfile.TemporaryDirectory(dir="/run" if EXTENT == "whole" else None))
        pathlib.Path(place).chmod(0o777)
        stranger = made.enter_context(tempfile.NamedTemporaryFile(dir="/tmp"))

        def attempt_under(text, deed):
            (tmp_path / "a.service").write_text(text)
            tried = subprocess.run([*LAUNCH, EXTENT, tmp_path / "a.service", "/usr/bin/python3", "-c", ATTEMPT, place,
                                    pathlib.Path(stranger.name).name, deed], capture_output=True, text=True)
            assert (tried.returncode, tried.stderr) == (0, ""), tried
            return tried.stdout

        yield attempt_under


@pytest.fixture
def held(tmp_path):
    """The program under a unit, or under this text of one, as a program."""
    def under(unit, text=None, extent=EXTENT):
        (tmp_path / f"{unit}.service").write_text(text or UNITS[unit].read_text())
        program = tmp_path / unit
        words = [*LAUNCH, extent, tmp_path / f"{unit}.service", PROGRAM]
        program.write_text(f"#!/bin/sh\nexec {shlex.join(map(str, words))} \"$@\"\n")
        program.chmod(0o755)
        return program
    return under


@pytest.mark.parametrize("unit", UNITS)
def test_every_line_of_a_sandbox_is_held_here(unit):
    """A new one has to be tried, too."""
    lines = set(re.findall(r"^(\w+)=", sandbox_of(UNITS[unit]), re.MULTILINE))
    assert lines <= sandbox.HELD | sandbox.FOLLOWING and len(lines) > 20


@pytest.mark.parametrize("deed", FORBIDDEN)
def test_what_a_line_forbids_is_refused_by_it_alone(attempt, deed):
    setting, error = FORBIDDEN[deed]
    assert attempt(UNITS["api"].read_text(), deed) == error
    assert attempt(without("api", setting), deed) != error


@as_far_as_here
def test_the_services_do_their_work(extent, held, start, room, database):
    """With a model's server that is found by its name, and letters of any script on a card."""
    with FakeProvider() as provider:
        settings = {"LLM_PROVIDER": "openai", "OPENAI_API_KEY": "a-key-for-nobody",
                    "OPENAI_BASE_URL": provider.url.replace("127.0.0.1", "localhost")}
        api, worker = (start(kind, program=held(kind.subcommand, extent=extent), **settings) for kind in (Api, Worker))
        user = sign_up(api)
        post = user.publish(user.persona(), room)
        user.ask_for_replies(post, user.persona(name="Bo"))
        eventually(lambda: user.thread(post).replies, within=20)
        assert provider.requests
    battle = new_battle(database, room, content="\u0627\u0644\u0633\u0644\u0627\u0645 \u4f60\u597d \U0001f3f3")
    pixels(card(api, battle).content)
    for service in (api, worker):
        assert Page(service.metrics()).value("process_open_fds") > 0
        assert rights_of(service.process.pid) == RIGHTS
        service.stop()
        assert service.stderr() == ""


@as_far_as_here
def test_migrations_are_made(extent, held, empty):
    done = run("migrate", program=held("migrate", extent=extent), DATABASE_URL=empty.url)
    assert (done.returncode, done.stderr) == (0, "")
    assert empty.value("SELECT count(*) FROM schema_migrations") == len(MIGRATIONS)


def test_a_program_that_needs_more_ends(held, empty):
    """So what works above works under a filter."""
    text = UNITS["migrate"].read_text() + "\nSystemCallFilter=~@network-io\n"
    done = run("migrate", program=held("migrate", text), DATABASE_URL=empty.url)
    assert done.returncode != 0 and "could not create socket: Operation not permitted" in done.stdout + done.stderr
