"""The release binary's defences, as its file shows them:
what backend/meson.build asks the compiler and the linker for."""
import os
import pathlib
import platform
import pwd
import re
import shutil
import subprocess
import tempfile

import httpx
import pytest

from support.ports import free_port
from support.program import CHECKOUT, JWT_SECRET, Api, Worker, environment, release_binary
from support.roles import as_role

PAGE = 4096


@pytest.fixture(scope="module")
def program():
    path = release_binary() or CHECKOUT / "build/personaworlds"
    assert path.exists(), f"no release build at {path}: run script/build"
    return path


def readelf(program, what):
    return subprocess.run(["readelf", "--wide", what, program], capture_output=True, text=True, check=True).stdout


def imported(program):
    return set(re.findall(r" UND (\w+)", readelf(program, "--dyn-syms")))


def segment_flags(program, name):
    (flags,) = re.findall(rf"^ +{name}(?: +0x\w+){{5}} (.{{3}}) ", readelf(program, "--program-headers"), re.MULTILINE)
    return flags.strip()


def test_it_lies_at_a_random_address(program):
    assert re.search(r"Type: +DYN", readelf(program, "--file-header"))
    assert re.search(r"\(FLAGS_1\).*\bPIE\b", readelf(program, "--dynamic"))


def test_what_the_linker_wrote_is_read_only_once_it_runs(program):
    assert segment_flags(program, "GNU_RELRO") == "R"
    assert re.search(r"\(FLAGS\).*\bBIND_NOW\b", readelf(program, "--dynamic"))


def test_the_stack_is_not_executable(program):
    assert segment_flags(program, "GNU_STACK") == "RW"


def test_no_segment_is_writable_and_executable(program):
    assert not re.search(r"^ +LOAD .* RWE ", readelf(program, "--program-headers"), re.MULTILINE)


def test_libraries_come_from_the_systems_places_alone(program):
    assert not re.search(r"\((RPATH|RUNPATH)\)", readelf(program, "--dynamic"))


def test_an_overwritten_return_address_ends_the_process(program):
    assert "__stack_chk_fail" in imported(program)


def test_the_c_library_checks_the_size_of_what_it_writes_to(program):
    checked = {name for name in imported(program) if name.endswith("_chk")}
    assert "__vsnprintf_chk" in checked and len(checked) > 3


def disassembly(program):
    return subprocess.run(["objdump", "--disassemble", "--no-show-raw-insn", program], capture_output=True, text=True,
                          check=True).stdout


if platform.machine() == "x86_64":  # these two are about instructions and marks of that processor
    def test_calls_and_returns_go_where_the_compiler_says(program):
        assert re.search(r"x86 feature: IBT, SHSTK", readelf(program, "--notes"))
        assert disassembly(program).count("endbr64") > 100

    def test_the_stack_grows_page_by_page_so_that_it_meets_the_guard_page(program):
        steps = [int(step, 16) for step in re.findall(r"sub +\$0x(\w+),%rsp", disassembly(program))]
        steps = [step for step in steps if step < 1 << 63]  # "minus 128" is how 128 is added
        assert steps and max(steps) <= PAGE


# ---- a running service


@pytest.mark.parametrize("kind", [Api, Worker])
def test_a_service_gains_no_rights_and_leaves_no_core(kind, start, program):
    """What it starts may not either; its memory is for root alone, whoever runs it."""
    service = start(kind, program=program)
    process = pathlib.Path(f"/proc/{service.process.pid}")
    assert re.search(r"^NoNewPrivs:\t1$", (process / "status").read_text(), re.MULTILINE)
    assert re.search(r"^Max core file size +0 +0 ", (process / "limits").read_text(), re.MULTILINE)


def test_a_services_memory_is_for_root_alone(database, program):
    """The kernel gives the files of a process that may not be dumped to root."""
    nobody = pwd.getpwnam("nobody")
    if os.geteuid() != 0:
        return
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        copy = shutil.copy(program, folder)
        port = free_port()
        settings = environment(DATABASE_URL=as_role(database.url, "api"), JWT_SECRET=JWT_SECRET, PORT=port,
                               AUTO_MIGRATE="0")
        process = subprocess.Popen([copy, "api"], user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[],
                                   env=settings, stdout=subprocess.PIPE, cwd="/")
        try:
            assert b"api_listening" in process.stdout.readline()
            assert process.poll() is None
            for name in ("environ", "mem", "maps", "fd"):
                assert os.stat(f"/proc/{process.pid}/{name}").st_uid == 0
            assert re.search(r"^Uid:\t%d\t" % nobody.pw_uid, pathlib.Path(f"/proc/{process.pid}/status").read_text(),
                             re.MULTILINE)
            shown = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
            for name in ("open_fds", "max_fds", "resident_memory_bytes"):
                assert re.search(rf"^process_{name} [1-9.]", shown, re.MULTILINE), f"the process itself sees its {name}"
        finally:
            process.terminate()
            process.communicate(timeout=30)
