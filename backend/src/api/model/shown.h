/* What a client that follows a text as it is written has been shown of it: the pieces since the
 * last event `restart` are the text, whatever the model and the check do with it. Pure.
 *
 *   text     {label?, delta}
 *   restart  {label?, reason}   all shown so far is void: "check" (it fails the content check and
 *                               is written once more), "retry" (the model began anew), "cut" (the
 *                               text is shorter than that, as it was too long)
 *
 * Each function writes the events that its news makes, as text. */
#ifndef PW_API_MODEL_SHOWN_H
#define PW_API_MODEL_SHOWN_H

#include "base/buf.h"

struct shown {
    const char *label; /* of several texts; NULL: there is one */
    struct buf text;
};

/* Nothing yet; the text lives in the arena. */
void shown_begin(struct shown *, struct arena *, const char *label);
/* More words, or NULL: the model begins anew (llm_words). */
void shown_words(struct shown *, const char *words, struct buf *events);
/* The text fails the check. */
void shown_failed(struct shown *, struct buf *events);
/* The text is whole, and is this. */
void shown_whole(struct shown *, const char *text, struct buf *events);
/* For a stream that begins now: all that there is. */
void shown_so_far(const struct shown *, struct buf *events);

#endif
