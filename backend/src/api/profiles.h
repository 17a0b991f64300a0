/* Public profiles: publishing a persona, reading about it, following it. */
#ifndef PW_API_PROFILES_H
#define PW_API_PROFILES_H

#include "api/http/call.h"
#include "domain/fields.h"

extern const struct field publish_fields[]; /* slug, bio */

/* POST /personas/{id}/publish-profile: the slug given, or one made of the name */
void profile_publish(struct call *);
void profile_follow(struct call *);            /* POST /p/{slug}/follow */
void profile_unfollow(struct call *);          /* DELETE /p/{slug}/follow: a token of nobody is refused, as there */
const char *profile_add_origin(struct call *); /* FRONTEND_ORIGIN, for share_url; returns NULL */

#endif
