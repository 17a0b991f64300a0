/* Two drafts to look at: how a persona would post in a room. */
#ifndef PW_PREVIEWS_H
#define PW_PREVIEWS_H

#include "api/call.h"
#include "domain/fields.h"

extern const struct field preview_query[]; /* room_id */

const char *preview_room(struct call *); /* adds the URL's room_id */
void preview_show(struct call *);

#endif
