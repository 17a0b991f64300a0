/* The page of the public templates: what `GET /templates` answers. */
#ifndef PW_API_PAGES_TEMPLATES_H
#define PW_API_PAGES_TEMPLATES_H

#include "api/pages/page.h"

struct page_head templates_head(const struct page_view *);   /* a struct page's head */
void templates_text(struct buf *, const struct page_view *); /* its text */

#endif
