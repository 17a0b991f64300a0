/* The application that the pages load: its scripts and styles, which the build wrote into the
 * program (tools/embed_web.py). */
#ifndef PW_API_PAGES_ASSETS_H
#define PW_API_PAGES_ASSETS_H

#include "api/http/call.h"

/* GET /a/{name}: in the coding that the client would rather have. A name belongs to one content, so
 * it may be kept for ever. */
void asset_show(struct call *);

#endif
