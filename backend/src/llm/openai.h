/* Where an OpenAI-compatible server is and how it is addressed: for the provider, and for checks
 * whether the server is reachable. */
#ifndef PW_LLM_OPENAI_H
#define PW_LLM_OPENAI_H

#include "base/arena.h"
#include "config/config.h"

/* Whether OPENAI_BASE_URL and OPENAI_API_KEY can be used at all. */
bool openai_settings_are_usable(const struct config *, struct err *err) MUST_CHECK;

/* The address of a path like "/chat/completions". */
const char *openai_url(struct arena *, const char *base, const char *path);

/* The header with the key; NULL where there is none. */
const char *openai_authorization(struct arena *, const struct config *);

#endif
