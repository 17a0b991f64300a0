/* The words that a card knows of each language: which carry no meaning of their own, which
 * concede a point, and what its footer says. */
#ifndef PW_DOMAIN_CARD_WORDS_H
#define PW_DOMAIN_CARD_WORDS_H

#include "domain/brief.h"

/* Whether a folded word (text_fold) leans on what follows it, in either language: "because",
 * "ve". A text that was cut doesn't end in one. */
bool is_function_word(const char *folded_word);

/* Whether a sentence begins with giving the other side a point: "Fair point", "Haklısın". */
bool is_concession(struct arena *, const char *sentence);

/* The footer of a battle with so many answers. */
const char *verdict_words(struct arena *, enum language, int64_t answers);

/* The heads of a battle's boxes before anybody has answered: side 0 is for, side 1 against. */
const char *side_words(enum language, int side);

/* By the letters that Turkish has and English hasn't. */
bool looks_turkish(const char *text);

#endif
