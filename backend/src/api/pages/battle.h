/* The page of a battle, which is the thread of any published post: what `GET /b/{id}` and its meta
 * answer. */
#ifndef PW_API_PAGES_BATTLE_H
#define PW_API_PAGES_BATTLE_H

#include "api/pages/page.h"

struct page_head battle_head(const struct page_view *);   /* a struct page's head */
void battle_text(struct buf *, const struct page_view *); /* its text */
/* asks for a summary where there is none, or one of before the last reply */
void battle_seen(struct call *, const struct page_view *);

#endif
