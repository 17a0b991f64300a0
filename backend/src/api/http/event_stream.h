/* Server-sent events as the answer to a call (HTML standard, section 9.2: event streams). Status
 * and headers go out with the beginning; from then on the call ends by call_events_end, by a client
 * that leaves or by one that is too slow, and all of its waits are dropped with it. Errors before
 * the beginning are answers like all others (api/http/answer.h). */
#ifndef PW_API_HTTP_EVENT_STREAM_H
#define PW_API_HTTP_EVENT_STREAM_H

#include "api/http/call.h"
#include "base/buf.h"

/* Whether Accept prefers an event stream to JSON: it is named, and weighs no less. */
bool call_wants_events(const struct call *);

/* The stream begins; the call's deadline counts no more, and its waits stay. It ends with the
 * call's answer (api/http/answer.h): the event `done` with the body, or `error` with the members of
 * the envelope, `status`, and `retry_after` in seconds where there is one. Log and metrics have the
 * answer's status. False: it has ended with that, as the client asked for the head alone. */
bool call_events_begin(struct call *, int status) MUST_CHECK;
/* The same for a stream of hours: counted in the metrics as a request that ended with its
 * beginning, logged at its end, and no longer among the connections of its client. */
bool call_events_begin_long(struct call *, int status) MUST_CHECK;

/* An event; `id` NULL: none. Line ends in `json` become blanks. False: the client is too slow or
 * has left, and nothing was added. */
bool call_event(struct call *, const char *name, const char *id, const char *json) MUST_CHECK;
/* Lines as they are: `retry: 2000`, a comment, or events that were written for many. They end with
 * an empty line. */
bool call_events_text(struct call *, const char *text, size_t len) MUST_CHECK;
/* An event as text, to be sent to many. */
void event_write(struct buf *, const char *name, const char *id, const char *json);
/* For pipeline.c: on_end of a call whose answer is a stream. */
void call_events_ended(struct call *, bool answered);
/* The stream's end, after what waits; `error` for the log, NULL: it ended as it should. */
void call_events_end(struct call *, const char *error);
/* The same with a last event of at most HTTP_STREAM_LAST_WORDS bytes, which has room even where
 * call_event had none. */
void call_events_end_with(struct call *, const char *text, size_t len, const char *error);

#endif
