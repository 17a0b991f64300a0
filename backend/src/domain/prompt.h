/* Prompts for a chat model: the system message has the task and its limits, the user message has
 * the data, delimited.
 *
 * The system message holds no text of a user: it depends on the operation, the variant, the
 * limits, the persona's language and formality, and on which parts the brief has. The user
 * message is one element <data> of elements, and one sentence after it. A text stands alone in
 * its element, written as prompt_data.h says; so the tree of elements depends on which texts
 * there are, never on what is in them.
 */
#ifndef PW_DOMAIN_PROMPT_H
#define PW_DOMAIN_PROMPT_H

#include "domain/brief.h"

struct prompt {
    const char *system, *user;
};

struct prompt prompt_build(const struct brief *, struct arena *);

#endif
