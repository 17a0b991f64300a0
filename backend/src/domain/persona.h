/* The fields of a persona's body, in the order of its statements' parameters. */
#ifndef PW_DOMAIN_PERSONA_H
#define PW_DOMAIN_PERSONA_H

#include "domain/fields.h"

/* name, bio, tone, writing_samples, do_not_say, catchphrases, preferred_language, formality,
 * daily_draft_quota, daily_reply_quota */
/* a quota may be missing (SQL null) or <= 0: the statement takes the default */
extern const struct field persona_fields[];
extern const struct field persona_update_fields[]; /* the same; quotas must be there and positive */

#endif
