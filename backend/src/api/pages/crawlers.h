/* Programs that fetch a page for its head and its text: those of search engines, and those that
 * make previews of links. They accept anything, as other programs do, so that only their names
 * tell. Pure. */
#ifndef PW_API_PAGES_CRAWLERS_H
#define PW_API_PAGES_CRAWLERS_H

#include "base/base.h"

enum { CRAWLER_AGENT_MAX = 512 };

extern const char *const crawlers[]; /* their product tokens; NULL ends it */

/* Whether a User-Agent has one of them as a token (RFC 9110, section 10.1.5), in any case, within
 * its first CRAWLER_AGENT_MAX bytes: "Googlebot/2.1" has, "NotGooglebot" hasn't. NULL: none was
 * sent. */
bool is_crawler(const char *user_agent);

#endif
