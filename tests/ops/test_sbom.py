"""script/sbom: what is in an image; of a small one, that is made here."""
import hashlib
import io
import json
import re
import shutil
import subprocess
import tarfile

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from support.program import CHECKOUT

STATUS = """\
Package: libc6
Status: install ok installed
Architecture: amd64
Source: glibc
Version: 2.36-9+deb12u14
Maintainer: A <a@debian.org>
Description: the C library

Package: dpkg
Status: install ok installed
Architecture: amd64
Version: 1.21.23
Maintainer: B <b@debian.org>
Depends: libc6 (>= 2.34)
Description: packages

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1
Maintainer: C <c@debian.org>
Description: not there any more
"""
PROGRAM = "usr/local/bin/personaworlds"
READ = ["script/sbom", "web/package-lock.json", "backend/meson.build"]


def image(files, prefix=""):
    """Their tar, each with this before its path."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(prefix + name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return made.getvalue()


class Checkout:
    """A repository of its own, as the tests may run where there is none."""

    def __init__(self, folder):
        self.folder = folder
        for path in READ:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(CHECKOUT / path, folder / path)
        (folder / ".venv").symlink_to(CHECKOUT / ".venv")
        self.git("init", "--quiet")
        self.git("add", *READ)
        self.git("-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "--message", "all")
        self.commit = self.git("rev-parse", "HEAD").strip()
        self.program = b"\x7fELF of " + self.commit[:12].encode()
        self.files = {PROGRAM: self.program, "var/lib/dpkg/status": STATUS.encode()}

    def git(self, *words):
        return subprocess.run(["git", "-C", self.folder, *words], capture_output=True, text=True, check=True).stdout

    def sbom(self, given):
        return subprocess.run([self.folder / "script/sbom"], input=given, capture_output=True)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    return Checkout(tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="module")
def listed(checkout):
    done = checkout.sbom(image(checkout.files))
    assert (done.returncode, done.stderr) == (0, b"")
    return json.loads(done.stdout)


def purls(listed, kind):
    return {part["purl"] for part in listed["components"] if part.get("purl", "").startswith(f"pkg:{kind}/")}


def test_it_is_cyclonedx(listed):
    check = JsonStrictValidator(SchemaVersion.from_version(listed["specVersion"]))
    assert check.validate_str(json.dumps(listed)) is None
    assert check.validate_str(json.dumps(listed | {"components": [{"name": "of no type"}]})) is not None


def test_debians_packages_are_there_with_their_sources_and_those_that_are_gone_are_not(listed):
    assert purls(listed, "deb") == {
        "pkg:deb/debian/libc6@2.36-9%2Bdeb12u14?arch=amd64", "pkg:deb/debian/glibc@2.36-9%2Bdeb12u14?arch=source",
        "pkg:deb/debian/dpkg@1.21.23?arch=amd64", "pkg:deb/debian/dpkg@1.21.23?arch=source"}


def test_the_program_is_the_images(checkout, listed):
    (program,) = [part for part in listed["components"] if part["type"] == "application"]
    assert program["hashes"] == [{"alg": "SHA-256", "content": hashlib.sha256(checkout.program).hexdigest()}]
    assert {"name": "commit", "value": checkout.commit} in program["properties"]
    needs = {each["ref"]: each.get("dependsOn", []) for each in listed["dependencies"]}
    image_ref = listed["metadata"]["component"]["bom-ref"]
    assert program["bom-ref"] in needs[image_ref] and listed["metadata"]["component"]["version"] == program["version"]
    assert set(needs[program["bom-ref"]]) == purls(listed, "npm") | purls(listed, "pypi")


def test_what_the_pages_import_is_there_and_what_only_builds_them_is_not(listed):
    sources = [path.read_text() for path in (CHECKOUT / "web/src").rglob("*.ts*")]
    imported = {name for text in sources for name in re.findall(r'from "((?:@[\w-]+/)?[a-z][\w-]*)', text)}
    names = {re.fullmatch(r"pkg:npm/(.*)@[\d.]+", purl)[1].replace("%40", "@") for purl in purls(listed, "npm")}
    assert {"preact", "@preact/signals"} <= imported <= names
    assert names - imported == {"@preact/signals-core"}


def test_the_data_that_are_compiled_in_are_there(listed):
    said = " ".join((CHECKOUT / "backend/data/README.md").read_text().split())
    (version,) = re.findall(r"\[zxcvbn\]\(\S+\) ([\d.]+);", said)
    assert purls(listed, "pypi") == {f"pkg:pypi/zxcvbn@{version}"}


def test_the_same_image_gives_the_same_bytes_however_its_paths_begin(checkout, listed):
    assert json.loads(checkout.sbom(image(checkout.files, prefix="./")).stdout) == listed


@pytest.mark.parametrize("given, reason", [
    (lambda files: b"", "is no tar"),
    (lambda files: b"no tar at all", "is no tar"),
    (lambda files: image(files)[:1000], "is no tar"),
    (lambda files: image(files | {PROGRAM: b"\x7fELF of 0123456789ab"}), "isn't of this commit"),
    (lambda files: image({PROGRAM: files[PROGRAM]}), "there is no /var/lib/dpkg/status"),
    (lambda files: image({"var/lib/dpkg/status": STATUS.encode()}), f"there is no /{PROGRAM}"),
], ids=["nothing", "no tar", "cut off", "another commit", "no Debian", "no program"])
def test_what_is_no_image_of_this_commit_is_refused_with_a_sentence(checkout, given, reason):
    done = checkout.sbom(given(checkout.files))
    assert (done.returncode, done.stdout) == (1, b"")
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("script/sbom: ") and reason in line
