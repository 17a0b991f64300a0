/* GET /p/{slug}/feed.atom: a public persona's newest posts as an Atom feed (RFC 4287). */
#ifndef PW_API_SITE_ATOM_H
#define PW_API_SITE_ATOM_H

#include "api/http/call.h"

void atom_show(struct call *);

#endif
