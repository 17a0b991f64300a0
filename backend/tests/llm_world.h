/* A loop with a provider, and what its calls came to. */
#ifndef PW_LLM_WORLD_H
#define PW_LLM_WORLD_H

#include "llm/llm.h"

enum { MAX_CALLS = 8 };

struct outcome {
    struct world *world;
    int number;
    bool ended;
    enum llm_status status;
    char text[512], error[128];
    char heard[512]; /* the words so far, where the world listens */
    int pieces, restarts;
    int begun; /* how often it was told that the provider is asked */
    uint64_t retry_after_ms, took_ms;
};

struct world {
    struct loop *loop;
    struct timer *guard;
    struct llm *llm;
    uint64_t begun;
    struct outcome outcomes[MAX_CALLS];
    int calls, ended, wanted;
    uint64_t used_ms;     /* of the next call's time: by an earlier one */
    bool listens;         /* the next calls want their words as they come */
    int order[MAX_CALLS]; /* numbers of the calls as they ended */
};

extern struct brief brief; /* a post of persona Ayla for room Garden; tests change it for a while */
extern const struct llm_about about;

struct world *world_new(const struct config *, int limit);
void world_free(struct world *);

struct llm_call *generate(struct world *, uint64_t within_ms); /* the next number's call */
/* its callback; ctx is its outcome */
llm_done on_done;
/* runs the loop until so many calls have ended */
void wait_for(struct world *, int ended);
void run_for(struct world *, uint64_t ms);

bool page_has(const char *line); /* of the metrics */
/* a series' value; the name with its labels and the blank after them */
int64_t series(const char *name);

#endif
