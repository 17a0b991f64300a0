/* Texts in place of the model's while the provider is down: counts of activity, in the persona's
 * language. */
#ifndef PW_DOMAIN_FALLBACK_H
#define PW_DOMAIN_FALLBACK_H

#include "domain/brief.h"

/* "2 posts and 1 reply", "2 gönderi ve 1 yanıt" */
char *activity_counts(const struct brief *, enum language, struct arena *);

/* The day's digest as one sentence. */
char *digest_fallback(const struct brief *, struct arena *);

#endif
