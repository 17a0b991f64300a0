/* Reads an answer of an OpenAI-compatible server (API reference, "The chat completion object").
 * Pure. */
#ifndef PW_LLM_OPENAI_ANSWER_H
#define PW_LLM_OPENAI_ANSWER_H

#include "llm/provider.h"

/* Sets `outcome`, and by it `text` (trimmed, and cut to `max_chars` code points where that isn't
 * 0; in the arena) or `problem` (static), and the token counts. Leaves the other members alone. */
void openai_answer_read(const char *body, size_t len, int max_chars, struct arena *, struct attempt_result *);

#endif
