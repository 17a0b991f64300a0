/* GET /stream: live events (docs/ARCHITECTURE.md, "Live events"). */
#ifndef PW_API_LIVE_STREAM_H
#define PW_API_LIVE_STREAM_H

#include "api/http/call.h"
#include "domain/fields.h"

extern const struct field stream_query[];
void stream_open(struct call *);

#endif
