/* Pages that the application alone fills, as they show what is one person's own: the server knows
 * their titles. */
#ifndef PW_API_PAGES_SHELL_H
#define PW_API_PAGES_SHELL_H

#include "api/pages/page.h"

/* a page's `head` and `text` */
struct page_head shell_head(const struct page_view *);
void shell_text(struct buf *, const struct page_view *); /* what is in <main> */

#endif
