#include "api/live/ring.h"

static void forget_oldest(struct live_ring *ring)
{
    struct live_event *event = ring->events[ring->oldest];
    ring->oldest = (ring->oldest + 1) % RING_EVENTS;
    ring->count--;
    ring->bytes -= event->len;
    ring->forgotten_n = event->n;
    live_event_release(event);
}

void live_ring_keep(struct live_ring *ring, struct live_event *event)
{
    while (ring->count == RING_EVENTS || (ring->count > 0 && ring->bytes + event->len > RING_BYTES))
        forget_oldest(ring);
    ring->events[(ring->oldest + ring->count++) % RING_EVENTS] = live_event_hold(event);
    ring->bytes += event->len;
}

bool live_ring_reaches(const struct live_ring *ring, uint64_t n)
{
    return n >= ring->forgotten_n;
}

struct live_event *live_ring_newest(const struct live_ring *ring, int i)
{
    return i < ring->count ? ring->events[(ring->oldest + ring->count - 1 - i) % RING_EVENTS] : NULL;
}

void live_ring_free(struct live_ring *ring)
{
    while (ring->count > 0)
        forget_oldest(ring);
}
