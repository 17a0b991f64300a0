/* The preview: two drafts of how a persona would post in a room, which are not stored. */
#ifndef PW_API_MODEL_PREVIEWS_H
#define PW_API_MODEL_PREVIEWS_H

#include "api/http/call.h"
#include "domain/fields.h"

extern const struct field preview_fields[]; /* voice */

/* checks the URL's room_id; returns NULL or the sentence of a 400 */
const char *preview_room(struct call *);
void preview_show(struct call *);

#endif
