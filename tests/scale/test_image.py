"""The image of the Dockerfile, built by buildah on a Debian that debootstrap makes, as there may be no registry: what
is in it, and that its program works where nothing can be written."""
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile

import pytest

from support.exposition import Page
from support.golden_cards import ALIKE, CARDS, from_golden, picture_of
from support.people import sign_up
from support.program import CHECKOUT, Api, Worker, run
from support.waiting import eventually

pytestmark = [pytest.mark.scale, pytest.mark.timeout(3600)]

MB = 1_000_000
PROGRAM_MAX = 3 * MB
COMMIT = subprocess.run(["git", "-C", CHECKOUT, "rev-parse", "HEAD"], capture_output=True, text=True,
                        check=True).stdout.strip()
# Each layer that has files, by a word of the instruction that makes it, in their order.
LAYERS = ["base", "fonts-noto-core", "libpq5", "/usr/local/bin/"]
# What a shell of a stranger's would like, and what only builds.
UNWANTED = ["curl", "wget", "nc", "ssh", "git", "gcc", "make", "meson", "node", "npm", "python3", "gdb", "sudo"]


def done(*words, **options):
    command = subprocess.run([str(word) for word in words], capture_output=True, text=True, **options)
    assert command.returncode == 0, f"{shlex.join(command.args)}\n{command.stdout[-4000:]}\n{command.stderr[-4000:]}"
    return command.stdout


def mirror():
    """Where this machine has its packages from."""
    places = [pathlib.Path("/etc/apt/sources.list"), *sorted(pathlib.Path("/etc/apt/sources.list.d").glob("debian*"))]
    said = "\n".join(place.read_text() for place in places if place.exists())
    return re.search(r"^(?:URIs:|deb) (?:\[.*\] )?(\S+)", said, re.MULTILINE)[1]


def make_base(folder):
    """A Debian as the image's base is one, that reaches packages in the way in which this machine does."""
    done("debootstrap", "--variant=minbase", "bookworm", folder, mirror())
    done("chroot", folder, "apt-get", "clean")
    reached = re.findall(r"^Acquire::(?:http|https|Check-).*$", done("apt-config", "dump"), re.MULTILINE)
    (folder / "etc/apt/apt.conf.d/90reached").write_text("\n".join(reached) + "\n")
    certificates = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")
    own = pathlib.Path("/usr/local/share/ca-certificates")
    if certificates.exists():
        (folder / "etc/ssl/certs").mkdir(parents=True, exist_ok=True)
        shutil.copy(certificates, folder / "etc/ssl/certs")
        (folder / "root/.npmrc").write_text(f"cafile={certificates}\n")
    if own.exists():
        shutil.copytree(own, folder / "usr/local/share/ca-certificates", dirs_exist_ok=True)


class Image:
    def __init__(self, folder):
        self.folder = folder

    def build(self):
        base = self.folder / "base"
        make_base(base)
        scratch = self.buildah("from", "scratch").strip()
        self.buildah("add", "--quiet", scratch, base, "/")
        self.buildah("commit", "--quiet", "--rm", scratch, "base")
        shutil.rmtree(base)
        self.buildah("bud", "--isolation", "chroot", "--format", "docker", "--layers", "--tag", "personaworlds",
                     "--build-arg", "BASE=localhost/base", "--build-arg", f"REVISION={COMMIT}", CHECKOUT)
        self.config = json.loads(self.buildah("inspect", "--type", "image", "personaworlds"))["Docker"]["config"]
        self.root = pathlib.Path(self.buildah("mount", self.buildah("from", "personaworlds").strip()).strip())

    def buildah(self, *words):
        return done("buildah", "--root", self.folder / "storage", "--runroot", self.folder / "run", *words)

    def layers(self):
        """(what made it, bytes as stored, bytes as sent) of each layer."""
        self.buildah("push", "--quiet", "personaworlds", f"oci:{self.folder}/oci")
        blobs = self.folder / "oci/blobs/sha256"
        read = {blob.name: blob for blob in blobs.iterdir()}
        index = json.loads((self.folder / "oci/index.json").read_text())
        manifest = json.loads(read[index["manifests"][0]["digest"].removeprefix("sha256:")].read_text())
        config = json.loads(read[manifest["config"]["digest"].removeprefix("sha256:")].read_text())
        made = [step["created_by"] for step in config["history"] if not step.get("empty_layer")]
        for step, layer in zip(made, manifest["layers"], strict=True):
            blob = read[layer["digest"].removeprefix("sha256:")]
            yield step, int(done("sh", "-c", f"gzip -dc {blob} | wc -c")), layer["size"]

    def program(self, folder, entry):
        """A program that runs the image's `entry` as docker does with --read-only and --cap-drop=ALL."""
        inside = ["chroot", f"--userspec={self.config['User']}", self.root, "/usr/bin/env", "HOME=/nonexistent",
                  *self.config["Env"], *entry]
        mounts = " && ".join([
            'mount --bind "$0" "$0"', 'mount --make-private "$0"', 'mount -o remount,bind,ro "$0"',
            'mount --rbind /dev "$0/dev"', 'mount -t proc proc "$0/proc"', 'mount -t tmpfs tmpfs "$0/tmp"'])
        words = ["unshare", "--mount", "--propagation", "unchanged", "sh", "-c", f'{mounts} && exec "$@"', self.root,
                 "setpriv", "--no-new-privs", *inside]
        program = folder / f"image-{pathlib.Path(entry[0]).name}"
        program.write_text(f"#!/bin/sh\nexec {shlex.join(map(str, words))} \"$@\"\n")
        program.chmod(0o755)
        return program


@pytest.fixture(scope="module")
def image():
    with tempfile.TemporaryDirectory(prefix="personaworlds-image-", dir="/var/tmp") as folder:
        image = Image(pathlib.Path(folder))
        try:
            image.build()
            yield image
        finally:
            image.buildah("rm", "--all")  # whose files are mounted


@pytest.fixture
def program(image, tmp_path):
    return image.program(tmp_path, image.config["Entrypoint"])


def files(root):
    for folder, _, names in os.walk(root):
        for name in names:
            yield pathlib.Path(folder, name)


def test_its_labels_say_what_it_is_and_of_which_commit(image):
    _, version, _ = run("--version").stdout.split(maxsplit=2)
    labels = {name.removeprefix("org.opencontainers.image."): value for name, value in image.config["Labels"].items()
              if name.startswith("org.opencontainers.image.")}
    assert labels.pop("description")
    assert labels == {"title": "PersonaWorlds", "licenses": "MIT", "version": version, "revision": COMMIT}


def test_it_starts_the_api_as_nobody_and_asks_by_the_program_itself(image, program):
    config = image.config
    assert (config["User"], config["Entrypoint"], config["Cmd"]) == ("10001:10001", ["personaworlds"], ["api"])
    assert config["StopSignal"] == "SIGTERM" and set(config["ExposedPorts"]) == {"8080/tcp", "9091/tcp"}
    assert config["Healthcheck"]["Test"] == ["CMD", "personaworlds", "healthcheck"]
    assert COMMIT[:12] in done(program, "--version")


def test_no_program_in_it_changes_who_runs_it_and_no_tool_is_there_that_it_does_not_need(image):
    changing = [path for path in files(image.root) if path.lstat().st_mode & 0o6000 and not path.is_symlink()]
    assert changing == []
    assert [name for name in UNWANTED for folder in ("usr/bin", "usr/sbin", "usr/local/bin")
            if os.path.lexists(image.root / folder / name)] == []


def test_its_program_works_where_nothing_can_be_written(image, program, start, database, room):
    api, worker = start(Api, program=program), start(Worker, program=program)
    user = sign_up(api)
    post = user.publish(user.persona(), room)
    user.ask_for_replies(post, user.persona(name="Bo"))
    eventually(lambda: user.thread(post).replies, within=20)
    for name in ("Arabic", "Chinese and Korean", "emoji", "Hindi"):
        assert from_golden(name, picture_of(api, database, *CARDS[name])) < ALIKE
    for service in (api, worker):
        asked = subprocess.run([program, "healthcheck", service.subcommand, "--ready"], capture_output=True, text=True,
                               env=os.environ | {service.port_setting: str(service.port)})
        assert (asked.returncode, asked.stderr) == (0, "")
        assert Page(service.metrics()).value("process_open_fds") > 0
        status = pathlib.Path(f"/proc/{service.process.pid}/status").read_text()
        assert re.search(r"^Uid:\t10001\t10001\t10001\t10001$", status, re.MULTILINE)
        service.stop()
        assert service.stderr() == ""


def test_nothing_can_be_written_there(image, tmp_path):
    """So the program above worked under what its test's name says."""
    shell = image.program(tmp_path, ["/bin/sh"])
    assert done(shell, "-c", "id -u; touch /tmp/mine; ls /tmp") == "10001\nmine\n"
    for place in ("/", "/var/cache/fontconfig", "/var/tmp", "/run"):
        tried = subprocess.run([shell, "-c", f"touch {place}/mine"], capture_output=True, text=True)
        assert tried.returncode == 1 and re.search("Read-only file system|Permission denied", tried.stderr)


def test_its_cache_of_fonts_is_good_as_it_is(image, tmp_path):
    """It holds its folders' times to the nanosecond, and layers keep whole seconds. Where it isn't good, each process
    reads the fonts of that folder anew, and says on stderr that it can't keep what it found."""
    said = done(image.program(tmp_path, ["/usr/bin/fc-cache"]), "--verbose", "--system-only")
    good = re.findall("^/usr/.*: skipping, existing cache is valid", said, re.MULTILINE)
    assert len(good) > 5 and "caching" not in said


def test_its_layers_have_the_sizes_that_the_document_says(image):
    layers = list(image.layers())
    assert len(layers) == len(LAYERS) and all(word in made for word, (made, _, _) in zip(LAYERS[1:], layers[1:]))
    assert layers[-1][1] < PROGRAM_MAX
    document = (CHECKOUT / "docs/IMAGE.md").read_text()
    table = re.findall(r"^\| .* \| ([\d.]+) MB \| ([\d.]+) MB \|$", document, re.MULTILINE)
    sizes = [(stored / MB, sent / MB) for _, stored, sent in layers]
    sizes.append(tuple(map(sum, zip(*sizes))))
    for said, found in zip(table, sizes, strict=True):
        assert [float(one) for one in said] == pytest.approx(found, rel=0.15), sizes


def test_its_bill_of_materials_has_every_package(image):
    listed = json.loads(done("sh", "-c", f"tar --directory {image.root} --create . | {CHECKOUT}/script/sbom"))
    packages = done("chroot", image.root, "dpkg-query", "--show", "--showformat",
                    "${Package} ${Version} ${Architecture}\n")
    found = {f"{part['name']} {part['version']} {architecture}" for part in listed["components"]
             for architecture in re.findall(r"^pkg:deb/.*\?arch=(?!source)(\w+)", part.get("purl", ""))}
    assert found == set(packages.splitlines()) and len(found) > 100
    assert {part["name"] for part in listed["components"]} >= {"personaworlds", "preact", "zxcvbn", "fonts-noto-cjk"}
