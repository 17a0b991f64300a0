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

/* Records the route's event, then answers 200 with `json`, which is copied. The answer goes out
 * whether the event was written or not: its loss is counted. */
void events_answer_recorded(struct call *, const char *metadata, const char *json);

/* For routes with an event: answers the row. A 200 is recorded first, where the row's third column,
 * `event_metadata`, isn't null. A HEAD request is no event: it shows no page. */
void events_answer_view(struct call *, struct db_rows *);

#endif
