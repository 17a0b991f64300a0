#include "sys/http/phases.h"

void phases_leave(struct phases *phases, struct phased *p)
{
    struct phased **oldest = &phases->oldest[p->phase], **newest = &phases->newest[p->phase];
    INVARIANT((p->prev ? p->prev->next : *oldest) == p && (p->next ? p->next->prev : *newest) == p);
    *(p->prev ? &p->prev->next : oldest) = p->next;
    *(p->next ? &p->next->prev : newest) = p->prev;
    phases->count[p->phase]--;
}

/* Nearly always at the end; a request that was read slowly finds its place by its start. */
void phases_enter(struct phases *phases, struct phased *p, enum phase phase, uint64_t since)
{
    struct phased **oldest = &phases->oldest[phase], **newest = &phases->newest[phase];
    struct phased *before = *newest;
    while (before && before->since > since)
        before = before->prev;
    p->phase = phase;
    p->since = since;
    p->prev = before;
    p->next = before ? before->next : *oldest;
    *(p->prev ? &p->prev->next : oldest) = p;
    *(p->next ? &p->next->prev : newest) = p;
    phases->count[phase]++;
}

void phases_move(struct phases *phases, struct phased *p, enum phase phase, uint64_t since)
{
    phases_leave(phases, p);
    phases_enter(phases, p, phase, since);
}

int phases_count(const struct phases *phases)
{
    int count = 0;
    for (enum phase phase = OPENING; phase < PHASES; phase++)
        count += phases->count[phase];
    return count;
}
