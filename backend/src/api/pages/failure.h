/* Errors as pages, for who would rather have a page. */
#ifndef PW_API_PAGES_FAILURE_H
#define PW_API_PAGES_FAILURE_H

#include "api/http/call.h"

/* Answers with a page that says what is wrong, in the reader's language, and when to come again
 * (call->retry_after_s). What is refused is a page that isn't there, like an unknown one. It is a
 * struct call's `fail`. */
void page_fail(struct call *, int status, const char *sentence);

#endif
