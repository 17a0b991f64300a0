"""What a systemd unit allows, without systemd: its filter of system calls, and a file system that can't
be written but for /tmp.

    python sandbox.py UNIT PROGRAM [ARGUMENT...]    runs the program so
"""
import ctypes
import errno
import functools
import os
import pathlib
import re
import subprocess
import sys

ALLOW, ERRNO = 0x7FFF0000, 0x00050000 | errno.EPERM  # libseccomp's SCMP_ACT_ALLOW and SCMP_ACT_ERRNO
UNKNOWN = -1  # libseccomp: a system call of another architecture
KERNELS_OWN = ("/proc", "/sys", "/dev")


@functools.cache
def calls_of(group):
    """The names of a group's system calls, those of groups in it among them."""
    said = subprocess.run(["systemd-analyze", "syscall-filter", group], capture_output=True, text=True, check=True)
    lines = [line.strip() for line in said.stdout.splitlines()[1:]]
    names = [line for line in lines if line and not line.startswith("#")]
    return frozenset().union(*(calls_of(name) if name.startswith("@") else {name} for name in names))


def allowed(unit):
    """By its lines of SystemCallFilter, in their order: each adds, or with "~" takes away."""
    names = set()
    for takes_away, listed in re.findall(r"^SystemCallFilter=(~?)(.*)$", unit, re.MULTILINE):
        for name in listed.split():
            meant = calls_of(name) if name.startswith("@") else {name}
            names = names - meant if takes_away else names | meant
    return names | calls_of("@default")  # systemd allows these always


def forbid_other_calls(names):
    seccomp = ctypes.CDLL("libseccomp.so.2")
    seccomp.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(seccomp.seccomp_init(ctypes.c_uint32(ERRNO)))
    for name in names:
        number = seccomp.seccomp_syscall_resolve_name(name.encode())
        if number != UNKNOWN:
            seccomp.seccomp_rule_add(context, ctypes.c_uint32(ALLOW), number, 0)
    if seccomp.seccomp_load(context) != 0:
        raise OSError("the filter can't be loaded")


def forbid_writing():
    """In a mount namespace of its own: unshare was before."""
    mount = functools.partial(subprocess.run, check=True)
    mount(["mount", "--make-rprivate", "/"])
    places = [line.split()[1] for line in pathlib.Path("/proc/self/mounts").read_text().splitlines()]
    for place in places:
        if not place.startswith(KERNELS_OWN) and os.path.isdir(place):
            mount(["mount", "-o", "remount,ro,bind", place])
    mount(["mount", "-t", "tmpfs", "tmpfs", "/tmp"])


def under(unit):
    """The words before a program that has to run so."""
    return ["unshare", "--mount", sys.executable, __file__, str(unit)]


if __name__ == "__main__":
    filter_of_calls = allowed(pathlib.Path(sys.argv[1]).read_text())
    forbid_writing()
    forbid_other_calls(filter_of_calls)
    os.execv(sys.argv[2], sys.argv[2:])
