/* The routes of events: POST /events, the events that reads record, and the summary for
 * administrators. */
#ifndef PW_API_EVENTS_ROUTES_H
#define PW_API_EVENTS_ROUTES_H

#include "api/http/call.h"
#include "domain/fields.h"

extern const struct field event_fields[]; /* event_name, metadata */
void events_post(struct call *);          /* POST /events; answers after the event's commit */

/* adds the parameters of analytics/summary: who may see it, and all names; returns NULL */
const char *events_summary(struct call *);

/* An act: records the route's event, then answers 200 with `json`, which is copied. The answer
 * goes out whether the event was written or not: its loss is counted. */
void events_answer_recorded(struct call *, const char *metadata, const char *json);

/* A view: records the route's event aside, and runs answer(call), which doesn't wait for the
 * event's commit. Where very many events wait, it does for at most 100 ms, so that clients ask as
 * fast as events are written. */
void events_record_view(struct call *, const char *metadata, loop_fn *answer);

#endif
