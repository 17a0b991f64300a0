/* The body of a request (OpenAI API reference, "Create chat completion"), as the server takes it.
 * Pure.
 */
#ifndef PW_LLM_OPENAI_REQUEST_H
#define PW_LLM_OPENAI_REQUEST_H

#include "base/buf.h"
#include "config/config.h"
#include "domain/brief.h"

/* `traits`: llm/dialect.h. `stream`: the answer comes in pieces. In the arena, which holds its
 * parts, too: several times its size. */
struct buf openai_request(const struct config *, const struct brief *, unsigned traits, bool stream, struct arena *);

/* The most tokens that the answer may have. */
int openai_answer_tokens(const struct brief *, unsigned traits);

#endif
