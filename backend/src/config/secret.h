/* Whether a secret can be guessed. Pure. */
#ifndef PW_CONFIG_SECRET_H
#define PW_CONFIG_SECRET_H

#include "base/base.h"

/* Why a secret is weak, as the end of the sentence "JWT_SECRET …", which doesn't show it; NULL: it
 * may be strong. What a random generator makes isn't. */
const char *secret_weakness(const char *secret);

#endif
