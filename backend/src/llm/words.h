/* The provider's own words about a failure, made safe for logs, for jobs' errors and for operators:
 * without the key, without what the user wrote, on one line, cut. Pure.
 */
#ifndef PW_LLM_WORDS_H
#define PW_LLM_WORDS_H

#include "base/arena.h"

/* Of an error object (OpenAI API reference, "Error codes"); NULL: not there. */
struct provider_error {
    const char *message, *code, *param;
};

enum { WORDS_SIZE = 768 }; /* bytes, with the NUL: 160 characters and two names at most */

/* "Unsupported parameter: 'max_tokens' (unsupported_parameter, max_tokens)", in the arena; NULL
 * where nothing is left. `key` is OPENAI_API_KEY; `said` is what people wrote (brief_said). What
 * the message repeats of that, and what looks like a key, becomes "…". */
const char *words_of_error(const struct provider_error *, const char *key, const char *said, struct arena *);

#endif
