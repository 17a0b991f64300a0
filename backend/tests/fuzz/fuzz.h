/* For every fuzz target: a file that has LLVMFuzzerTestOneInput and says in its first line which
 * sources it is for.
 *
 * libFuzzer calls it with inputs that it makes up (script/fuzz); replay.c calls it with every
 * file of corpus/NAME/ (a unit test). A target fails by a sanitizer's report or a broken
 * INVARIANT. It keeps no state between inputs.
 */
#ifndef PW_FUZZ_H
#define PW_FUZZ_H

#include <string.h>

#include "base/arena.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input as a text: what a parser of texts would get, up to its first NUL. */
static inline char *fuzz_text(struct arena *arena, const uint8_t *data, size_t size)
{
    return arena_copy(arena, (const char *)data, size);
}

/* Cuts the input's first line off, as a text; an input of one line leaves "". */
static inline char *fuzz_line(struct arena *arena, const uint8_t **data, size_t *size)
{
    const uint8_t *end = *size ? memchr(*data, '\n', *size) : NULL;
    size_t len = end ? (size_t)(end - *data) : *size, cut = end ? len + 1 : len;
    char *line = arena_copy(arena, (const char *)*data, len);
    *data += cut;
    *size -= cut;
    return line;
}

#endif
