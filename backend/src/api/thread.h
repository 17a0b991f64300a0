/* A thread with its summary. The summary comes from the table alone; this route asks the worker
 * for it and never waits for the model for more than THREAD_WAIT_MS, and not at all where an
 * older summary exists. */
#ifndef PW_API_THREAD_H
#define PW_API_THREAD_H

#include "api/http/call.h"

void thread_show(struct call *); /* a route's `run` */

/* For who shows the thread of the path's id without waiting: asks for a new summary, beside the
 * call. */
void thread_ask_summary(struct call *);

/* The answer to posts/thread: as the statement has it, with the styles of both sides where the post
 * names them. They are read from its text here, as Postgres would take ten times as long. NULL: the
 * statement gave no body. */
const char *thread_json(struct arena *, struct db_rows *, size_t *len);

#endif
