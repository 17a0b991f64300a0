"""The release binary's defences, as its file shows them:
what backend/meson.build asks the compiler and the linker for."""
import platform
import re
import subprocess

import pytest

from support.program import CHECKOUT, release_binary

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
        assert steps and max(steps) <= PAGE
