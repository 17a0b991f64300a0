/* What all pages have alike: the shell, the head's tags, the links to other pages, and the boot
 * data. Pure: the same input makes the same bytes. */
#ifndef PW_API_PAGES_DOCUMENT_H
#define PW_API_PAGES_DOCUMENT_H

#include "api/pages/page.h"

/* The answer of a route, as it was given. */
struct page_answer {
    const char *path, *json; /* "/b/<id>" */
    size_t len;
};

/* Begins the document: the head, and the body up to what is in <main>. */
void document_begin(struct buf *, const struct page_view *, const struct page_head *);
/* Ends it. The answers are the boot data, an object by path: what the application would ask for
 * first. */
void document_end(struct buf *, const struct page_answer *, int count);

#endif
