#include "sys/db/ring.h"

int ring_count(const struct ring *ring)
{
    return (int)(ring->tail - ring->head);
}

bool ring_has_room(const struct ring *ring, int n)
{
    return ring_count(ring) + n <= RING_SIZE;
}

void ring_add(struct ring *ring, struct expected e)
{
    INVARIANT(ring_has_room(ring, 1));
    ring->at[ring->tail++ % RING_SIZE] = e;
}

struct expected ring_oldest(const struct ring *ring)
{
    INVARIANT(ring_count(ring) > 0);
    return ring->at[ring->head % RING_SIZE];
}

void ring_advance(struct ring *ring)
{
    INVARIANT(ring_count(ring) > 0);
    ring->head++;
}

void ring_clear(struct ring *ring)
{
    ring->head = ring->tail;
}
