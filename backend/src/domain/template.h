/* The fields of a template's body, and what its rules must not say:
 * they go into a model's prompt. */
#ifndef PW_DOMAIN_TEMPLATE_H
#define PW_DOMAIN_TEMPLATE_H

#include "domain/fields.h"

/* name, prompt_rules, turn_count, word_limit, is_public */
extern const struct field template_fields[];

/* NULL, or the sentence of a 400: "prompt_rules contains forbidden instruction pattern",
 * "prompt_rules cannot include external links". Case, accents, spacing and invisible characters
 * don't matter: "S y s t e m\u200B  PROMPT" is "system prompt". */
const char *template_rules_check(const char *rules);

#endif
