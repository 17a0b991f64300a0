/* The answers to a call. The first one counts: it drops what the call still waits for, and a
 * second one does nothing. Of a call whose answer has begun as a stream (api/http/event_stream.h)
 * it is the last event. */
#ifndef PW_API_HTTP_ANSWER_H
#define PW_API_HTTP_ANSWER_H

#include "api/http/call.h"

/* `json` lives as long as the arena */
void call_answer(struct call *, int status, const char *json);
/* the same for other types of content; NULL: there is none. A text of NULL: sys/http/request.h */
void call_answer_text(struct call *, int status, const char *content_type, const char *text, size_t len);

/* 200 with the body's tag, or 304 where If-None-Match names it: for what is asked for again and
 * again. `json` is a string of `len` bytes. */
void call_answer_tagged(struct call *, const char *json, size_t len);

/* The headers that every answer of the route has with that status; answers add them by themselves.
 * For streams. */
void call_add_answer_headers(struct call *, int status);

/* The envelope {"error","code","request_id"}; the code comes from the sentence, or is given. For a
 * page (call->fail) a page. */
void call_fail(struct call *, int status, const char *sentence);
void call_fail_as(struct call *, int status, const char *sentence, const char *code);

/* 409 with Retry-After: another request with the same idempotency key is under way. */
#define IDEMPOTENCY_KEY_IN_USE "request with this idempotency key is still running"
void call_key_in_use(struct call *);

/* The same with Retry-After. */
void call_fail_until(struct call *, int status, const char *sentence, uint64_t after_ms);
/* 503 with Retry-After. */
void call_retry_later(struct call *, const char *sentence, uint64_t after_ms);
/* 503 `server is busy`, Retry-After; `reason` is the label of http_requests_shed_total */
void call_busy(struct call *, const char *reason);
/* The same of a process that stops: it is no error, as the client goes on with another process. */
void call_stopping(struct call *);

/* ---- statements ---- */

/* Answers for a statement that gave no rows. `wrote`: it may have changed something, so that a
 * lost connection leaves its outcome open. */
void call_fail_db(struct call *, enum db_outcome, const struct db_rows *, bool wrote);
/* False where the statement gave no rows; the call is answered then, by call_fail_db. */
bool call_has_rows(struct call *, enum db_outcome, struct db_rows *, bool wrote) MUST_CHECK;
/* Answers with the statement's row: status, body. A row without them is a mistake in the
 * statement: 500, and the log names the statement. */
void call_answer_row(struct call *, struct db_rows *);

/* ---- without an answer ---- */

enum { CLIENT_LEFT = 499 };
/* Counts and logs the call's end; answers do so by themselves. For a client that left, and for
 * streams. */
void call_end(const struct call *, int status);
/* the halves of it: a stream of hours is counted at its beginning and logged at its end */
void call_count(const struct call *, int status);
void call_log(const struct call *, int status);

#endif
