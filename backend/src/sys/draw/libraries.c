#include "sys/draw/libraries.h"

#include <pthread.h>

#include "sys/library.h"

static struct draw_libraries libraries;

static struct {
    pthread_once_t once;
    bool loaded;
    struct err err;
} load = {.once = PTHREAD_ONCE_INIT};

static void load_libraries(void)
{
#define ROW(name) {#name, &libraries.name},
    static const struct library_function pango[] = {DRAW_PANGO(ROW)}, isal[] = {DRAW_ISAL(ROW)};
#undef ROW
    load.loaded = library_load("Pango", "libpangocairo-1.0.so.0", pango, COUNT(pango), &load.err) &&
                  library_load("ISA-L", "libisal.so.2", isal, COUNT(isal), &load.err);
}

const struct draw_libraries *draw_libraries(struct err *err)
{
    pthread_once(&load.once, load_libraries);
    if (load.loaded)
        return &libraries;
    *err = load.err;
    return NULL;
}
