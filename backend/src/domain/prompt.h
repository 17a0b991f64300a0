/* Prompts for a chat model: the system message has the task and its limits, the user message has the data, delimited. */
#ifndef PW_PROMPT_H
#define PW_PROMPT_H

#include "domain/brief.h"

struct prompt {
    const char *system, *user;
};

struct prompt prompt_build(const struct brief *, struct arena *);

#endif
