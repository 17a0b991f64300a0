/* Whether a client gets a page or JSON, and in which language (RFC 9110, section 12). */
#ifndef PW_API_PAGES_CHOICE_H
#define PW_API_PAGES_CHOICE_H

#include "api/http/call.h"
#include "domain/brief.h"

/* Whether the client would rather have a page than JSON: its Accept names text/html, or all text,
 * with more weight than JSON has. Where Accept leaves it open, as any type will do or it wasn't
 * sent, a page is for crawlers alone, if `for_crawlers`. Adds to `Vary` what decided, for JSON as
 * well. */
bool choice_is_page(struct http_request *, bool for_crawlers);

/* The language of a page's own words: `?lang=`, else by Accept-Language, else English. */
enum language choice_language(struct call *);

/* The headers of every page, its policy among them, beside those of all answers. */
void choice_add_page_headers(struct http_request *);

#endif
