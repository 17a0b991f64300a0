"""The libraries that the program uses, and the Debian packages that they come in."""
import re
import subprocess

from support.program import CHECKOUT, binary


def libraries():
    """Those that the program is linked with, and those that it loads when it needs them."""
    dynamic = subprocess.run(["readelf", "-d", binary()], capture_output=True, text=True, check=True).stdout
    linked = re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic)
    loaded = [name for path in CHECKOUT.glob("backend/src/**/*.c")
              for name in re.findall(r'library_load\("[^"]*", "([^"]+)"', path.read_text())]
    assert linked and loaded
    return {name for name in [*linked, *loaded] if not re.match(r"lib(asan|ubsan|tsan|c|m)\.so|ld-linux", name)}


def packages_of(libraries):
    """Debian's packages with these files."""
    known = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
    places = [re.search(rf"{re.escape(library)} \(.*\) => (\S+)", known)[1] for library in libraries]
    both = [name for place in places for name in (place, f"/usr{place}")]  # dpkg knows a file by one of both names
    owned = dict(reversed(line.split(": "))
                 for line in subprocess.run(["dpkg", "-S", *both], capture_output=True, text=True).stdout.splitlines())
    assert [place for place in places if place not in owned and f"/usr{place}" not in owned] == []
    return {package.split(":")[0] for package in owned.values()}
