#include "sys/gzip.h"

#include <isa-l/igzip_lib.h>
#include <pthread.h>
#include <stdlib.h>

#include "sys/library.h"

enum { LEVEL = 1, LEVEL_BYTES = ISAL_DEF_LVL1_DEFAULT };

static struct {
    pthread_once_t once;
    bool loaded;
    __typeof__(isal_deflate_stateless_init) *init;
    __typeof__(isal_deflate_stateless) *deflate;
} library = {.once = PTHREAD_ONCE_INIT};

static void load_library(void)
{
    static const struct library_function functions[] = {{"isal_deflate_stateless_init", &library.init},
                                                        {"isal_deflate_stateless", &library.deflate}};
    struct err ignored; /* who asked is answered without gzip */
    library.loaded = library_load("ISA-L", "libisal.so.2", functions, COUNT(functions), &ignored);
}

/* What the library works in; too large for a stack. */
struct press {
    struct isal_zstream stream;
    uint8_t level[LEVEL_BYTES];
};

static size_t press_bytes(struct press *press, const char *bytes, size_t len, char *out, size_t room)
{
    struct isal_zstream *stream = &press->stream;
    library.init(stream);
    stream->level = LEVEL;
    stream->level_buf = press->level;
    stream->level_buf_size = sizeof press->level;
    stream->gzip_flag = IGZIP_GZIP;
    stream->end_of_stream = 1;
    /* ISA-L's type lacks the const; it only reads. */
    stream->next_in = (uint8_t *)(uintptr_t)bytes;
    stream->avail_in = (uint32_t)len;
    stream->next_out = (uint8_t *)out;
    stream->avail_out = (uint32_t)room;
    int outcome = library.deflate(stream);
    INVARIANT(outcome == COMP_OK); /* nothing but a lack of room can fail */
    return stream->total_out;
}

const char *gzip_press(struct arena *arena, const char *bytes, size_t len, size_t *out_len)
{
    pthread_once(&library.once, load_library);
    if (!library.loaded)
        return NULL;
    size_t room = len + len / 1000 + 1024; /* for what doesn't compress at all */
    char *out = arena_alloc(arena, room);
    struct press *press = must_calloc(1, sizeof *press);
    *out_len = press_bytes(press, bytes, len, out, room);
    free(press);
    return out;
}
