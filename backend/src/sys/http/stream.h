/* An answer whose bytes come one after the other, for as long as its handler wants: server-sent
 * events. For handlers; on the loop's thread.
 *
 * Bytes that the client hasn't taken wait in memory, at most HTTP_STREAM_WAITING of a stream and
 * all of them within the server's `memory_limit`. A client that leaves them there for the server's
 * write timeout is hung up on; so is one that has closed its side, as it reads no longer. on_end
 * runs at the end of a stream as of any answer, `answered` if it was sent whole. */
#ifndef PW_SYS_HTTP_STREAM_H
#define PW_SYS_HTTP_STREAM_H

#include "sys/http/request.h"

enum {
    HTTP_STREAM_WAITING = 64 * 1024,
    HTTP_STREAM_LAST_WORDS = 256, /* that have room beyond it */
};

/* Begins the answer, in place of http_answer. The request's deadline counts no more. False: it is
 * whole with that, as it was answered before or HEAD asks for it. */
bool http_stream_begin(struct http_request *, int status, const char *content_type) MUST_CHECK;
/* The stream may last for hours: its connection counts among those of its client no more, and ends
 * with it. What the client still sends is thrown away, and the kernel keeps little for it. Before
 * http_stream_begin. */
void http_stream_for_long(struct http_request *);
/* Adds bytes, which are copied and sent in this turn. False: there is no room for them, as the
 * client is slow or has left; nothing was added. */
bool http_stream_add(struct http_request *, const char *bytes, size_t len) MUST_CHECK;
/* Nothing comes any more; what waits is sent. Harmless without a stream. */
void http_stream_end(struct http_request *);
/* The same after some last bytes, at most HTTP_STREAM_LAST_WORDS, for which there is room even
 * where http_stream_add had none. */
void http_stream_end_with(struct http_request *, const char *bytes, size_t len);
/* A stream has begun and on_end hasn't run. */
bool http_is_stream(const struct http_request *);
uint64_t http_stream_bytes(const struct http_request *); /* all that were added */

#endif
