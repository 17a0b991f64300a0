/* Answers with a page. */
#ifndef PW_API_PAGES_SHOW_H
#define PW_API_PAGES_SHOW_H

#include "api/http/call.h"

/* A page's `run`: asks the page's statements, all at once, and makes the page of what they answer;
 * the first refusal or failure is the page's. For a second the page is kept in memory for everybody
 * who wants it in the same language (api/http/answer_cache.h). What it shows is what a visitor
 * sees, whoever asks. */
void page_show(struct call *);

#endif
