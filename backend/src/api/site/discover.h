/* GET /discover: what somebody who comes by may like, the same for everybody. Nothing that was
 * deleted or unpublished is shown a minute later. */
#ifndef PW_API_SITE_DISCOVER_H
#define PW_API_SITE_DISCOVER_H

#include "api/site/kept_page.h"

extern struct kept_page discover_page;

void discover_show(struct call *);

#endif
