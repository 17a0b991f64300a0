#include "ops/verify/track.h"

#include <stdlib.h>

static void add_depth(struct tracks *tracks, const struct moment *now)
{
    if (tracks->depth_count == tracks->depth_size) {
        tracks->depth_size = MAX(2 * tracks->depth_size, 64);
        tracks->depths = must_realloc(tracks->depths, (size_t)tracks->depth_size * sizeof *tracks->depths);
    }
    tracks->depths[tracks->depth_count++] = (struct depth){now->at_ns, queue_depth(now)};
}

static void begin_anew(struct tracks *tracks, struct track *track, struct moment *now)
{
    moment_keep(now);
    moment_drop(track->from);
    track->from = now;
    track->first_depth = tracks->depth_count - 1;
}

static struct page total_of(struct arena *arena, const struct moment *now)
{
    struct page pages[SERVICES_MAX];
    for (int i = 0; i < now->count; i++)
        pages[i] = now->services[i].page;
    return page_total(arena, pages, now->count);
}

static struct page gained_between(struct arena *arena, const struct moment *from, const struct moment *now)
{
    struct page pages[SERVICES_MAX];
    for (int i = 0; i < now->count; i++)
        pages[i] = page_increase(arena, &from->services[i].page, &now->services[i].page);
    return page_total(arena, pages, now->count);
}

static void track_judge(struct tracks *tracks, int i, const struct view *view, struct moment *now)
{
    struct track *track = &tracks->of[i];
    bool holds = items[i].judge(view, &track->value);
    track->has_changed = !track->is_known || holds != track->holds;
    track->is_known = true;
    track->holds = holds;
    if (track->has_changed)
        track->since_ns = now->at_ns;
    if (holds)
        return;
    track->breaks += track->has_changed;
    track->broke_unix_us = track->has_changed ? now->unix_us : track->broke_unix_us;
    track->broke_value = track->value;
    begin_anew(tracks, track, now);
}

/* Most items begin at the same moment, so what was gained since is worked out once for all of
 * them in a row. */
void tracks_add(struct tracks *tracks, struct moment *now)
{
    struct view view = {.arena = arena_new(), .now = now};
    view.total = total_of(view.arena, now);
    add_depth(tracks, now);
    for (int i = 0; i < ITEMS; i++) {
        struct track *track = &tracks->of[i];
        if (!track->from)
            begin_anew(tracks, track, now);
        if (view.from != track->from)
            view.gained = gained_between(view.arena, track->from, now);
        view.from = track->from;
        view.depths = &tracks->depths[track->first_depth];
        view.depth_count = tracks->depth_count - track->first_depth;
        track_judge(tracks, i, &view, now);
    }
    arena_free(view.arena);
}

void tracks_clear(struct tracks *tracks)
{
    for (int i = 0; i < ITEMS; i++)
        moment_drop(tracks->of[i].from);
    free(tracks->depths);
}

uint64_t tracks_held_ns(const struct tracks *tracks, const struct moment *now)
{
    uint64_t least = UINT64_MAX;
    for (int i = 0; i < ITEMS; i++)
        least = MIN(least, tracks->of[i].holds ? now->at_ns - tracks->of[i].since_ns : 0);
    return least;
}
