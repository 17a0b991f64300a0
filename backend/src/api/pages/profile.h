/* The page of a public persona: what `GET /p/{slug}` answers. */
#ifndef PW_API_PAGES_PROFILE_H
#define PW_API_PAGES_PROFILE_H

#include "api/pages/page.h"

struct page_head profile_head(const struct page_view *);   /* a struct page's head */
void profile_text(struct buf *, const struct page_view *); /* its text */

#endif
