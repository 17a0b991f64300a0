/* A thread with its summary. The summary comes from the table alone; this route asks the worker
 * for it and never waits for the model for more than THREAD_WAIT_MS, and not at all where an
 * older summary exists. */
#ifndef PW_API_THREAD_H
#define PW_API_THREAD_H

#include "api/http/call.h"

void thread_show(struct call *);

#endif
