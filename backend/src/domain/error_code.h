/* The `code` of an error: its sentence in snake_case without what varies, so that clients can
 * tell errors apart by it. */
#ifndef PW_DOMAIN_ERROR_CODE_H
#define PW_DOMAIN_ERROR_CODE_H

#include "base/arena.h"

/* The lower-case ASCII words before the sentence's first colon, joined by `_`; quoted parts,
 * UUIDs and signs are left out: "persona 1b4e28ba-2fa1-11d2-883f-0016d3cca427 not found" is
 * persona_not_found. "error" where no word is left. */
char *error_code(struct arena *, const char *sentence);

#endif
