/* The parameters of URLs' queries, as tables for the OpenAPI document. Their readers stand in
 * paging.h and beside the routes. */
#ifndef PW_API_HTTP_QUERIES_H
#define PW_API_HTTP_QUERIES_H

#include "domain/fields.h"

/* rows of such tables */
#define LIMIT_PARAMETER                   \
    {.name = "limit",                     \
     .kind = FIELD_INTEGER,               \
     .min = 1,                            \
     .max = 100,                          \
     .invalid = "limit must be a number", \
     .out_of_range = "limit must be between 1 and 100"}
#define CURSOR_PARAMETER {.name = "cursor", .kind = FIELD_TEXT, .invalid = "invalid cursor"}

extern const struct field page_query[];      /* limit, cursor */
extern const struct field own_posts_query[]; /* status, limit, cursor */
extern const struct field cursor_query[];
extern const struct field room_query[];     /* room_id */
extern const struct field language_query[]; /* lang, of pages */
extern const struct field view_query[];     /* seen: 1, the caller shows it, and its view was recorded */

#endif
