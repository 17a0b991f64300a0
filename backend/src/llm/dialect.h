/* What an OpenAI-compatible server takes, learnt from what it refuses by name: once for each base
 * URL and model, for all threads, until the process ends.
 *
 * A trait is added to the requests that follow, and never taken back. So a request that was refused
 * for one is sent again only where it was sent without it, and no call is sent again for ever.
 */
#ifndef PW_LLM_DIALECT_H
#define PW_LLM_DIALECT_H

#include "base/arena.h"
#include "config/config.h"

enum dialect_trait {
    DIALECT_COMPLETION_TOKENS = 1 << 0, /* "max_completion_tokens" in place of "max_tokens" */
    DIALECT_UNBOUNDED = 1 << 1,         /* neither */
    DIALECT_NO_TEMPERATURE = 1 << 2,
    DIALECT_NO_SYSTEM = 1 << 3, /* the system message goes at the head of the user's */
    DIALECT_SOME_ROOM = 1 << 4, /* tokens for reasoning beside those of the text */
    DIALECT_MORE_ROOM = 1 << 5,
    DIALECT_NO_ROOM = 1 << 6, /* the server bounds them lower */
    DIALECT_NO_STREAM = 1 << 7,
    DIALECT_NO_STREAM_USAGE = 1 << 8, /* "stream_options" */
    DIALECT_CLOSES_ALONE = 1 << 9,    /* reasoning begins without a tag: words are held until its end */
    DIALECT_KNOWN = 1 << 10,          /* a whole answer was seen; until then all words are held */
};

struct dialect;

/* Never freed; the same for the same settings. Begins with the traits that settings fix. */
struct dialect *dialect_of(const struct config *);
unsigned dialect_traits(const struct dialect *);

/* What a server said of the request that it refused; NULL: nothing. */
struct dialect_refusal {
    const char *param, *message;
};

/* What a refusal of a request with the traits `sent` is about. */
enum dialect_fault {
    FAULT_ELSEWHERE, /* not about a parameter of ours */
    FAULT_LEARNT,    /* the next request does without */
    FAULT_SET,       /* about a parameter that a setting fixes, or that nothing can replace */
};
enum dialect_fault dialect_learn(struct dialect *, unsigned sent, const struct dialect_refusal *);

/* Whether it is the system role that the server doesn't take. */
bool dialect_is_about_system(const struct dialect_refusal *);

/* A whole answer came; `closes_alone`: with a closing tag without an opening one. */
void dialect_see(struct dialect *, bool closes_alone);

/* The model's reasoning took all tokens: whether the next request has more room for it. */
bool dialect_learn_room(struct dialect *, unsigned sent);

/* The bound on tokens for a text of `text_tokens`, with the room that the traits give. */
int dialect_tokens(unsigned traits, int text_tokens);

/* In words, "max_completion_tokens, no temperature"; "" where all is as at first. */
const char *dialect_words(const struct dialect *, struct arena *);

#endif
