/* Parameters and fields for the statements of posts and replies. */
#ifndef PW_API_POSTS_H
#define PW_API_POSTS_H

#include "api/http/call.h"
#include "domain/fields.h"

extern const struct field approve_fields[];       /* content */
extern const struct field edit_fields[];          /* content */
extern const struct field reply_request_fields[]; /* persona_ids */

const char *posts_page(struct call *);     /* limit, and the cursor's two halves */
const char *posts_own_page(struct call *); /* status, or null for both, and what posts_page adds */
const char *posts_edit(struct call *);     /* checks the content */
const char *posts_approval(struct call *); /* checks the content, adds the request id */
/* adds the request id, for the jobs' log, and how often a user may make the model write a day */
const char *posts_reply_request(struct call *);

#endif
