/* Where an OpenAI-compatible server is and how it is addressed: for the provider, and for checks
 * whether the server is reachable. */
#ifndef PW_LLM_OPENAI_H
#define PW_LLM_OPENAI_H

#include "base/arena.h"
#include "config/config.h"

/* Whether the settings OPENAI_* are well formed, and the key is there where the server is OpenAI's
 * own; asks no server. False: `err` says which setting must be what. */
bool openai_settings_are_usable(const struct config *, struct err *err) MUST_CHECK;

/* The address of a path like "/chat/completions", in the arena: `base` (OPENAI_BASE_URL) with "/v1"
 * added where it has no path. */
const char *openai_url(struct arena *, const char *base, const char *path);

/* The header line with the key, in the arena; NULL where OPENAI_API_KEY is empty. */
const char *openai_authorization(struct arena *, const struct config *);

#endif
