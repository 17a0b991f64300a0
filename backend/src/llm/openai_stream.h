/* Reads a streamed answer (WHATWG HTML, section 9.2.6, "Interpreting an event stream"; OpenAI API
 * reference, "The chat completion chunk object") into the answer that the server would have given
 * whole, so that both are judged alike. Pure.
 */
#ifndef PW_LLM_OPENAI_STREAM_H
#define PW_LLM_OPENAI_STREAM_H

#include <jansson.h>

#include "base/arena.h"

struct openai_stream;

/* in the arena, with all that it holds but some JSON, which only openai_stream_free frees */
struct openai_stream *openai_stream_new(struct arena *);
void openai_stream_free(struct openai_stream *); /* the arena stays */

/* The next bytes of the body, cut anywhere. False: so far it is no event stream. */
bool openai_stream_add(struct openai_stream *, const char *bytes, size_t len);

/* The content so far, as the server sent it; grows until the end. */
const char *openai_stream_content(const struct openai_stream *, size_t *len);

/* At the end: the whole answer, in the form of one that wasn't streamed, which the caller frees.
 * NULL: the body was no event stream, ended before its end, or had a line or a content over a
 * MiB. */
json_t *openai_stream_answer(struct openai_stream *) MUST_CHECK;

#endif
