/* Covers: base/utf8.c */
#include "base/utf8.h"

#include <utf8proc.h>

#include "fuzz.h"

/* Against utf8proc, character by character. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    size_t count = 0;
    bool valid = true;
    for (size_t at = 0, bytes; at < size; at += MAX(bytes, 1u), count++) {
        utf8proc_int32_t c = -1;
        utf8proc_ssize_t theirs = utf8proc_iterate(data + at, (utf8proc_ssize_t)(size - at), &c);
        bytes = utf8_length_at(text + at, size - at);
        INVARIANT(bytes == (theirs > 0 ? (size_t)theirs : 0));
        INVARIANT(bytes == 0 || utf8_code_point(text + at, bytes) == (uint32_t)c);
        valid = valid && bytes > 0;
    }
    INVARIANT(utf8_length_at(text, 0) == 0);
    INVARIANT(utf8_valid(text, size) == valid && utf8_count(text, size) == count);
    return 0;
}
