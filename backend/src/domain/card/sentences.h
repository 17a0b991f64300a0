/* A text as its sentences. */
#ifndef PW_DOMAIN_CARD_SENTENCES_H
#define PW_DOMAIN_CARD_SENTENCES_H

#include "domain/brief.h"

/* Each sentence as one line with its mark and the quotes or brackets that close behind it. A
 * sentence ends at a mark before a blank, at a mark of scripts that write no blanks, and at a
 * line's end. Emoji belong to the sentence before them; other marks alone are none. At most 32; the
 * last one then has all that is left. In the arena. */
struct texts sentences_of(struct arena *, const char *text);

/* The sentences from `first` on as one text. */
const char *sentences_joined(struct arena *, const struct texts *, int first);

#endif
