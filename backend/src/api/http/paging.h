/* Pages of lists: `limit` and `cursor` of a URL's query, as statement parameters. All functions
 * return NULL, or the sentence of a 400. */
#ifndef PW_API_HTTP_PAGING_H
#define PW_API_HTTP_PAGING_H

#include "api/http/call.h"

enum { PAGE_MAX = 100, CURSOR_PARAMS = 2 };

const char *paging_limit(struct call *, int64_t default_limit); /* adds one: 1 to PAGE_MAX */

/* Adds CURSOR_PARAMS, both null at the start: microseconds since 1970 and id of the last row
 * seen. A cursor is "<microseconds>-<uuid>", as statements make it. */
const char *paging_cursor(struct call *);
/* The same for rows whose ids are numbers. */
const char *paging_numbered_cursor(struct call *);

#endif
