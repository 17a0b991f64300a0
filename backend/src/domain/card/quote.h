/* What a card quotes of a voice. */
#ifndef PW_DOMAIN_CARD_QUOTE_H
#define PW_DOMAIN_CARD_QUOTE_H

#include "domain/brief.h"

/* The sentence that says most for its voice beside the others, by score; the first of equals.
 * +2  at least half of its words of meaning stand in no opening sentence of the others
 * +1  it has a digit, or a colon inside
 * -3  it begins as a concession
 * -2  it is a question
 * -1  it is longer than 120 code points or shorter than 25
 * "" where there is no sentence. */
const char *quote_pick(struct arena *, const struct texts *sentences, const struct texts *openings);

struct quote_marks {
    const char *opening, *closing;
};

/* Those of the text's script: «…» (Arabic, Cyrillic, Greek, Armenian), 「…」 (Japanese), “…”. */
struct quote_marks quote_marks_of(const char *text);

#endif
