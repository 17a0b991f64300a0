#include "sys/library.h"

#include <dlfcn.h>
#include <string.h>

bool library_load(const char *what, const char *file, const struct library_function *functions, size_t count,
                  struct err *err)
{
    void *handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    bool found = handle != NULL;
    for (size_t i = 0; i < count && found; i++) {
        void *address = dlsym(handle, functions[i].name);
        found = address != NULL;
        memcpy(functions[i].slot, &address, sizeof address);
    }
    return found || fail(err, "while loading %s: %s", what, dlerror());
}
