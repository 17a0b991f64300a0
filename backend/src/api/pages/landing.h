/* The first page: what `GET /discover` answers, for who comes by. */
#ifndef PW_API_PAGES_LANDING_H
#define PW_API_PAGES_LANDING_H

#include "api/pages/page.h"

struct page_head landing_head(const struct page_view *);   /* a struct page's head */
void landing_text(struct buf *, const struct page_view *); /* its text */

#endif
