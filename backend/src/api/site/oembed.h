/* GET /oembed: a battle's card, for sites that show what their users link to (oEmbed 1.0). */
#ifndef PW_API_SITE_OEMBED_H
#define PW_API_SITE_OEMBED_H

#include "api/http/call.h"
#include "domain/fields.h"

extern const struct field oembed_query[]; /* url, maxwidth, maxheight, format */

/* Adds battle, width, height and origin; returns NULL or the sentence of a 400. */
const char *oembed_prepare(struct call *);
void oembed_show(struct call *);

#endif
