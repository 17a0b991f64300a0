/* Routes whose answers are the same for every visitor (`fresh` in the route's row): they are
 * answered from memory where they can be, have a tag, and their views are recorded aside.
 *
 * A caller with a token is always answered by the database, so that who changes something sees it.
 * So is a request with a query (`?cursor=`): there are as many as clients make up.
 */
#ifndef PW_API_HTTP_PUBLIC_H
#define PW_API_HTTP_PUBLIC_H

#include "api/http/call.h"

/* False: memory has no answer, and the database has to be asked. The path's ids are checked. */
bool public_answer_from_memory(struct call *) MUST_CHECK;
/* Answers 200 with a body; a visitor's is kept for others. `event_metadata`: of the view; NULL: it
 * isn't recorded. All live as long as the arena. */
void public_answer(struct call *, const char *body, size_t len, const char *event_metadata);
/* Answers with the statement's rows; a visitor's 200 is kept for others. */
void public_answer_rows(struct call *, struct db_rows *);

struct cached_answer;
/* Answers with what every visitor gets, JSON or a page: with 304 where the client has it, after its
 * view was recorded. */
void public_answer_view(struct call *, const struct cached_answer *);

#endif
