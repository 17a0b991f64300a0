/* The routes that make a battle and show it to visitors. Any published post is a battle. */
#ifndef PW_API_BATTLES_H
#define PW_API_BATTLES_H

#include "api/http/call.h"
#include "domain/fields.h"

/* topic, template_id, remix_token, pro_style, con_style. The topic may be missing where the
 * token has one. */
extern const struct field battle_fields[];

void battles_create(struct call *);            /* POST /rooms/{id}/battles */
const char *battles_add_origin(struct call *); /* adds FRONTEND_ORIGIN, for share_url and card_url; returns NULL */

#endif
