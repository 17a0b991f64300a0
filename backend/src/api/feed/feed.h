/* GET /feed: the caller's rows and what all feeds share, ranked by domain/feed.h. */
#ifndef PW_API_FEED_FEED_H
#define PW_API_FEED_FEED_H

#include "api/http/call.h"

void feed_show(struct call *); /* GET /feed */

#endif
