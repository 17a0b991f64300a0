/* Battles: any published post is one; here they are made and shown to visitors. */
#ifndef PW_API_BATTLES_H
#define PW_API_BATTLES_H

#include "api/http/call.h"
#include "domain/fields.h"

/* topic, template_id, remix_token, pro_style, con_style. The topic may be missing where the
 * token has one. */
extern const struct field battle_fields[];

void battles_create(struct call *);            /* POST /rooms/{id}/battles */
const char *battles_add_origin(struct call *); /* for links that are shared */

#endif
