/* Shared libraries that are loaded at their first use, rather than at every start. */
#ifndef PW_SYS_LIBRARY_H
#define PW_SYS_LIBRARY_H

#include "base/base.h"

struct library_function {
    const char *name;
    void *slot; /* of a function pointer with the type that the library's header gives */
};

/* Loads `file` for the rest of the process and fills each slot. For one thread at a time; after
 * a failure no slot may be used. `err`: "while loading <what>: …". */
bool library_load(const char *what, const char *file, const struct library_function *, size_t count,
                  struct err *) MUST_CHECK;

#endif
