"""What a unit of systemd leaves its service, without a systemd that runs: the same system calls, the same
user's rights and, where the kernel lets us mount, a file system that is as closed.

    python3 sandbox.py whole|calls UNIT PROGRAM [ARGUMENT...]

runs PROGRAM so, in its own place. `calls` leaves the file system as it is. Only root can do all of it."""
import ctypes
import errno
import mmap
import os
import pathlib
import re
import signal
import subprocess
import sys

MOUNTS_REFUSED = 77  # the exit code
NOBODY = 65534

ALLOW, REFUSE = 0x7FFF0000, 0x00050000  # libseccomp's actions; the error is added to the second
NE, EQ, MASKED_EQ = 1, 4, 7  # its comparisons
NO_SUCH_CALL = -1
NAMESPACES = [0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000]  # CLONE_NEW*
FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10}
PR_CAPBSET_DROP = 24
NEWNS, READ_ONLY, NO_SUID, NO_DEVICES, NO_EXEC, BIND, REC, PRIVATE = 0x20000, 1, 2, 4, 8, 0x1000, 0x4000, 0x40000
MOUNT_SETATTR, AT_FDCWD, AT_RECURSIVE = 442, -100, 0x8000

libc = ctypes.CDLL(None, use_errno=True)


class Comparison(ctypes.Structure):
    _fields_ = [("argument", ctypes.c_uint), ("how", ctypes.c_int),
                ("value", ctypes.c_uint64), ("masked_value", ctypes.c_uint64)]


def bits(argument, mask):
    return Comparison(argument, MASKED_EQ, mask, mask)


# What other settings refuse, as systemd does it: error, call, and the argument that decides.
REFUSED = {
    "LockPersonality": [(errno.EPERM, "personality", Comparison(0, NE, 0))],
    "MemoryDenyWriteExecute": [
        (errno.EPERM, "mmap", bits(2, mmap.PROT_WRITE | mmap.PROT_EXEC)),
        (errno.EPERM, "mprotect", bits(2, mmap.PROT_EXEC)),
        (errno.EPERM, "pkey_mprotect", bits(2, mmap.PROT_EXEC)),
        (errno.EPERM, "shmat", bits(2, 0o100000)),
    ],
    "RestrictNamespaces": [
        (errno.ENOSYS, "clone3"), (errno.EPERM, "setns"),
        *((errno.EPERM, call, bits(0, flag)) for call in ("clone", "unshare") for flag in NAMESPACES),
    ],
    "RestrictSUIDSGID": [(errno.EPERM, call, bits(argument, mode)) for mode in (0o4000, 0o2000)
                         for call, argument in (("chmod", 1), ("fchmod", 1), ("fchmodat", 2))],
}
HELD = {*REFUSED, "CapabilityBoundingSet", "PrivateTmp", "ProcSubset", "ProtectHome", "ProtectProc", "ProtectSystem",
        "RestrictAddressFamilies", "SystemCallErrorNumber", "SystemCallFilter", "UMask", "User"}
# What these forbid nobody can do who has no rights, may only read files and calls what those allow.
FOLLOWING = {
    "AmbientCapabilities", "DevicePolicy", "NoNewPrivileges", "PrivateDevices", "PrivateMounts", "PrivateUsers",
    "ProtectClock", "ProtectControlGroups", "ProtectHostname", "ProtectKernelLogs", "ProtectKernelModules",
    "ProtectKernelTunables", "RemoveIPC", "RestrictRealtime", "SystemCallArchitectures",
}


class Unit(dict):
    """A unit's settings; of SystemCallFilter all lines."""

    def __init__(self, path):
        text = pathlib.Path(path).read_text()
        super().__init__(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))
        self.filter = re.findall(r"^SystemCallFilter=(~?)(.*)$", text, re.MULTILINE)

    def says(self, setting, value="yes"):
        return self.get(setting) == value


def groups_of_calls():
    """systemd's groups, and what is in each: calls, and other groups."""
    said = subprocess.run(["systemd-analyze", "syscall-filter"], capture_output=True, text=True, check=True).stdout
    listed = re.findall(r"^(@\S+)\n((?:    .*\n)+)", re.sub(r"#.*", "", said), re.MULTILINE)
    return {group: names.split() for group, names in listed}


def calls_of(name, groups):
    """Of a call itself, or of a group with those in it."""
    if not name.startswith("@"):
        return {name}
    return set().union(*(calls_of(each, groups) for each in groups[name]))


def allowed_calls(unit):
    """By its lines of SystemCallFilter, in their order: each adds, or with "~" takes away."""
    groups = groups_of_calls()
    if not unit.filter:
        return calls_of("@known", groups)
    names = calls_of("@default", groups)  # which systemd always allows
    for takes_away, listed in unit.filter:
        meant = set().union(*(calls_of(name, groups) for name in listed.split()))
        names = names - meant if takes_away else names | meant
    return names


class Filter:
    def __init__(self, otherwise):
        self.library = ctypes.CDLL("libseccomp.so.2")
        self.library.seccomp_init.restype = ctypes.c_void_p
        self.context = ctypes.c_void_p(self.library.seccomp_init(ctypes.c_uint32(otherwise)))

    def add(self, action, call, *comparisons):
        number = self.library.seccomp_syscall_resolve_name(call.encode())
        if number == NO_SUCH_CALL:
            return
        listed = (Comparison * len(comparisons))(*comparisons)
        failed = self.library.seccomp_rule_add_array(self.context, ctypes.c_uint32(action), number, len(listed), listed)
        if failed and number >= 0:  # below 0 are those of other architectures
            raise OSError(-failed, f"no rule can be made for {call}")

    def load(self):
        failed = self.library.seccomp_load(self.context)
        if failed:
            raise OSError(-failed, "the filter can't be loaded")


def restrict_calls(unit):
    """Several filters hold together; the refusals stand in their own, as in systemd, for the sake of their errors."""
    named = Filter(REFUSE | getattr(errno, unit["SystemCallErrorNumber"]))
    for call in allowed_calls(unit):
        named.add(ALLOW, call)
    refusing = Filter(ALLOW)
    for setting, rules in REFUSED.items():
        for error, call, *comparisons in rules if unit.says(setting) else []:
            refusing.add(REFUSE | error, call, *comparisons)
    if "RestrictAddressFamilies" in unit:
        families = {FAMILIES[name] for name in unit["RestrictAddressFamilies"].split()}
        for family in set(range(64)) - families:
            refusing.add(REFUSE | errno.EAFNOSUPPORT, "socket", Comparison(0, EQ, family))
    refusing.load()
    named.load()


def done(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def mount(what, place, kind=None, flags=0, options=None):
    done(libc.mount(*(word and str(word).encode() for word in (what, place, kind)), ctypes.c_ulong(flags),
                    options and options.encode()))


def make_read_only(place):
    """With all that is mounted below it."""
    attributes = (ctypes.c_uint64 * 4)(READ_ONLY, 0, PRIVATE, 0)  # set, clear, propagation, user namespace
    done(libc.syscall(MOUNT_SETATTR, AT_FDCWD, str(place).encode(), AT_RECURSIVE, attributes,
                      ctypes.sizeof(attributes)))


def close_files(unit):
    """In mounts of this process' own, makes the root anew from itself, on top of /tmp: a root that is no mount point,
    as chroot leaves it, can neither be made private nor read-only where it is."""
    done(libc.unshare(NEWNS))
    try:
        mount("none", "/", flags=REC | PRIVATE)
    except OSError as refused:
        if refused.errno != errno.EINVAL:
            raise
    root = pathlib.Path("/tmp")
    mount("/", root, flags=BIND | REC)
    if unit.says("ProtectSystem", "strict"):
        make_read_only(root)
    if unit.says("ProtectHome"):
        for place in ("home", "root", "run/user"):
            if (root / place).is_dir():
                mount("none", root / place, "tmpfs", READ_ONLY, "mode=000")
    if unit.says("PrivateTmp"):
        for place in ("tmp", "var/tmp"):
            mount("none", root / place, "tmpfs", NO_SUID | NO_DEVICES, "mode=1777")
    proc = [option for setting, value, option in (("ProcSubset", "pid", "subset=pid"),
                                                  ("ProtectProc", "invisible", "hidepid=invisible"))
            if unit.says(setting, value)]
    mount("proc", root / "proc", "proc", NO_SUID | NO_DEVICES | NO_EXEC, ",".join(proc))
    os.chroot(root)
    os.chdir("/")


def drop_rights(unit):
    if unit.says("CapabilityBoundingSet", ""):
        while_known = iter(range(64))
        while libc.prctl(PR_CAPBSET_DROP, next(while_known), 0, 0, 0) == 0:
            pass
    if "User" in unit:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)


def main(extent, unit, program, *arguments):
    unit = Unit(unit)
    program = os.open(program, os.O_RDONLY | os.O_CLOEXEC)  # which may lie where nobody may look
    if "UMask" in unit:
        os.umask(int(unit["UMask"], 8))
    if extent == "whole":
        try:
            close_files(unit)
        except PermissionError as refused:
            print(f"sandbox: the kernel refuses mounts here: {refused}", file=sys.stderr)
            sys.exit(MOUNTS_REFUSED)
    if os.geteuid() == 0:
        drop_rights(unit)
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python ignores it, and SIGPIPE, which systemd does, too
    restrict_calls(unit)
    os.execve(program, [sys.argv[3], *arguments], os.environ)


if __name__ == "__main__":
    main(*sys.argv[1:])
