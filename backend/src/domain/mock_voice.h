/* The mock's words: deterministic, in the persona's language, naming persona, room and first
 * catchphrase, different for variants 1 and 2. They always pass the content check and stay
 * within brief->max_chars. */
#ifndef PW_DOMAIN_MOCK_VOICE_H
#define PW_DOMAIN_MOCK_VOICE_H

#include "domain/brief.h"

char *mock_voice(const struct brief *, struct arena *);

#endif
