/* Reads an answer of an OpenAI-compatible server (API reference, "The chat completion object"), in
 * the dialects of those that people run: content in parts, reasoning beside or within it, errors
 * within a 200, refusals under several names. Pure.
 */
#ifndef PW_LLM_OPENAI_ANSWER_H
#define PW_LLM_OPENAI_ANSWER_H

#include "llm/provider.h"

/* A whole answer. `max_chars`: code points that the text may have; 0: no bound. */
struct openai_answer {
    int status; /* HTTP */
    const char *body;
    size_t len;
    struct json_t *json; /* in place of `body`: what a stream came to (llm/openai_stream.h); or NULL */
    int max_chars;
};

struct provider_error;

/* Sets `outcome` and `status`, and by them `text` (domain/model/text.h, cut to max_chars; in the
 * arena) or `problem` (static), and the token counts. Leaves the other members alone. `error`: what
 * the server says of a failure, as it says it, in the arena. */
void openai_answer_read(const struct openai_answer *, struct arena *, struct attempt_result *,
                        struct provider_error *error);

#endif
