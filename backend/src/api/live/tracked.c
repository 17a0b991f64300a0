#include "api/live/tracked.h"

#include <stdlib.h>

struct tracked *tracked_new(const struct live_key *key)
{
    struct tracked *t = must_calloc(1, sizeof *t);
    t->topic.key = *key;
    return t;
}

void tracked_free(struct tracked *t)
{
    seen_free(&t->seen);
    free(t);
}
