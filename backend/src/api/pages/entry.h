/* /signup, /login, and where mails lead, /verify and /reset: the form, which the application takes
 * over. It is the same for everybody. */
#ifndef PW_API_PAGES_ENTRY_H
#define PW_API_PAGES_ENTRY_H

#include "api/pages/page.h"

/* a page's `head` and `text` */
struct page_head signup_head(const struct page_view *);
void signup_text(struct buf *, const struct page_view *); /* what is in <main> */
struct page_head login_head(const struct page_view *);    /* as for signing up */
void login_text(struct buf *, const struct page_view *);  /* as for signing up */
struct page_head verify_head(const struct page_view *);   /* of whose e-mail it is */
void verify_text(struct buf *, const struct page_view *); /* one button */
struct page_head reset_head(const struct page_view *);    /* of who forgot the password */
void reset_text(struct buf *, const struct page_view *);  /* a field for the new one */

/* The form to sign up as a part of another page, below a heading of its own. */
void entry_signup(struct buf *, const struct page_view *);

#endif
