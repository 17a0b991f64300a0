"""Host names of a test's own, in a process of the program: found at once, late, or at addresses
that it chooses, by a library that stands before the C library's."""
import functools
import os
import pathlib
import subprocess
import tempfile

from support.program import SANITIZERS

SOURCE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

typedef int look_up(const char *, const char *, const struct addrinfo *, struct addrinfo **);

/* NAMES is "name=milliseconds=address,address;..." */
int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
    look_up *real = (look_up *)dlsym(RTLD_NEXT, "getaddrinfo");
    char *names = strdup(getenv("NAMES")), *rest = names, *end = NULL;
    for (char *name = strtok_r(rest, ";", &end); name && host; name = strtok_r(NULL, ";", &end)) {
        char *wait = strchr(name, '=');
        *wait++ = 0;
        if (strcmp(name, host) != 0)
            continue;
        char *addresses = strchr(wait, '='), *next = NULL;
        *addresses++ = 0;
        poll(NULL, 0, atoi(wait));
        struct addrinfo **last = found;
        *found = NULL;
        for (char *a = strtok_r(addresses, ",", &next); a; a = strtok_r(NULL, ",", &next)) {
            if (real(a, service, hints, last) != 0)
                break;
            last = &(*last)->ai_next;
        }
        free(names);
        return *found ? 0 : EAI_NONAME;
    }
    free(names);
    return real(host, service, hints, found);
}
"""


@functools.cache
def _library():
    folder = pathlib.Path(tempfile.gettempdir()) / f"personaworlds-names-{os.getpid()}"
    folder.mkdir(exist_ok=True)
    library = folder / "names.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, "-x", "c", "-", "-ldl"], input=SOURCE, text=True,
                   check=True, capture_output=True)
    return library


def names(**places):
    """The settings of a process that knows these names (`_` stands for `.`): the seconds that a
    lookup takes, and the addresses."""
    return {"LD_PRELOAD": _library(),
            "NAMES": ";".join(f"{name.replace('_', '.')}={int(late * 1000)}={','.join(addresses)}"
                              for name, (late, *addresses) in places.items()),
            "ASAN_OPTIONS": SANITIZERS["ASAN_OPTIONS"] + ":verify_asan_link_order=0"}
