/* /signup and /login: the form, which the application takes over. It is the same for everybody. */
#ifndef PW_API_PAGES_ENTRY_H
#define PW_API_PAGES_ENTRY_H

#include "api/pages/page.h"

struct page_head signup_head(const struct page_view *);
void signup_text(struct buf *, const struct page_view *);
struct page_head login_head(const struct page_view *);
void login_text(struct buf *, const struct page_view *);

#endif
