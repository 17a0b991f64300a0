/* Covers: llm/openai_stream.c */
#include <jansson.h>

#include "base/utf8.h"
#include "domain/model/text.h"
#include "fuzz.h"
#include "llm/openai_stream.h"

/* The first byte says where the network cuts; the answer must not depend on it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    struct arena *arena = arena_new();
    const char *body = (const char *)data + 1;
    size_t len = size - 1, cut = MIN(data[0], len);
    struct openai_stream *whole = openai_stream_new(arena), *parts = openai_stream_new(arena);
    openai_stream_add(whole, body, len);
    openai_stream_add(parts, body, cut);
    openai_stream_add(parts, body + cut, len - cut);
    json_t *one = openai_stream_answer(whole), *other = openai_stream_answer(parts);
    INVARIANT(json_equal(one, other) || (!one && !other));
    size_t content_len;
    const char *content = openai_stream_content(whole, &content_len);
    INVARIANT(content_len == strlen(content) && utf8_valid(content, content_len));
    char *text = model_text_so_far(arena, content);
    INVARIANT(utf8_valid(text, strlen(text)));
    json_decref(one);
    json_decref(other);
    openai_stream_free(whole);
    openai_stream_free(parts);
    arena_free(arena);
    return 0;
}
