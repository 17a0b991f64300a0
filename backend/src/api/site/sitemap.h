/* GET /sitemap.xml (sitemaps.org): the public profiles and the battles that everybody may come
 * across, the newest first, 50,000 of both at most. Made once an hour, a thousand rows at a
 * time. */
#ifndef PW_API_SITE_SITEMAP_H
#define PW_API_SITE_SITEMAP_H

#include "api/site/kept_page.h"

extern struct kept_page sitemap_page;

void sitemap_show(struct call *);

#endif
