/* What a caller has heard of a text while it comes, and what it has to hear next. Pure. */
#ifndef PW_LLM_HEARD_H
#define PW_LLM_HEARD_H

#include "llm/result.h"

struct heard { /* all zero: nothing yet */
    char *text;
};

/* The text is this so far: tells `words` what is new. Where it doesn't begin with what was heard,
 * all begins anew: another attempt writes another text, and what looked like text may turn out to
 * be reasoning. */
void heard_more(struct heard *, const char *text, llm_words *words, void *ctx);
void heard_free(struct heard *);

#endif
