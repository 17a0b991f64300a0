#include "ops/verify/report.h"

#include <stdio.h>

#include "base/clock.h"
#include "ops/shared/screen.h"
#include "ops/shared/times.h"

static const char *report_spell(struct arena *arena, uint64_t ns)
{
    return times_write(arena, (long long)(ns / NS_PER_S));
}

/* Fractions of a second help nobody here. */
static const char *report_time(char out[static RFC3339_SIZE], int64_t unix_us)
{
    rfc3339_from_us(out, unix_us);
    snprintf(out + sizeof "2026-11-23T20:15:00" - 1, 2, "Z");
    return out;
}

static enum tone tone_of(const struct track *track)
{
    return track->holds ? TONE_GOOD : TONE_BAD;
}

static void print_changes(const struct verify_progress *p)
{
    char now[RFC3339_SIZE];
    for (int i = 0; i < ITEMS; i++) {
        const struct track *track = &p->tracks->of[i];
        if (track->has_changed)
            screen_line(tone_of(track), "%s  %-14s  %-6s  %s", report_time(now, p->now->unix_us), items[i].id,
                        track->holds ? "holds" : "broken", track->value.text);
    }
}

static void report_draw(const struct verify_progress *p)
{
    struct arena *arena = arena_new();
    screen_clear();
    screen_line(TONE_STRONG, "all have held for %s of %s; watching for %s, at most %s; Ctrl-C ends it",
                report_spell(arena, tracks_held_ns(p->tracks, p->now)), report_spell(arena, p->for_ns),
                report_spell(arena, p->now->at_ns - p->began_ns), report_spell(arena, p->give_up_ns));
    for (int i = 0; i < ITEMS; i++) {
        const struct track *track = &p->tracks->of[i];
        screen_line(tone_of(track), "  %-14s  %-6s  %6s  %s", items[i].id, track->holds ? "holds" : "broken",
                    report_spell(arena, p->now->at_ns - track->since_ns), track->value.text);
    }
    arena_free(arena);
}

void report_progress(const struct verify_progress *p)
{
    if (screen_is_terminal())
        report_draw(p);
    else
        print_changes(p);
    fflush(stdout);
}

/* An item that hasn't held for the whole time, and why. */
static void print_failure(struct arena *arena, const struct verify_progress *p, int i)
{
    char at[RFC3339_SIZE];
    const struct track *track = &p->tracks->of[i];
    uint64_t held_ns = p->now->at_ns - track->since_ns;
    if (!track->is_known || (track->holds && (held_ns >= p->for_ns || !track->breaks)))
        return;
    report_time(at, track->broke_unix_us);
    if (track->holds)
        screen_line(TONE_WARNING, "  %-14s  has held for %s; broke %d time%s, last at %s: %s", items[i].id,
                    report_spell(arena, held_ns), track->breaks, track->breaks == 1 ? "" : "s", at,
                    track->broke_value.text);
    else
        screen_line(TONE_BAD, "  %-14s  is broken since %s: %s", items[i].id, at, track->broke_value.text);
}

void report_end(const struct verify_progress *p, enum verify_end end)
{
    struct arena *arena = arena_new();
    const char *wanted = report_spell(arena, p->for_ns), *elapsed = report_spell(arena, p->now->at_ns - p->began_ns);
    if (end == VERIFY_HELD)
        screen_line(TONE_GOOD, "recovered: everything has held for %s", wanted);
    else
        screen_line(TONE_BAD, "not recovered: %s after %s without %s in which everything held",
                    end == VERIFY_GAVE_UP ? "gave up" : "interrupted", elapsed, wanted);
    for (int i = 0; i < ITEMS && end != VERIFY_HELD; i++)
        print_failure(arena, p, i);
    screen_line(TONE_PLAIN,
                "Left to you: write down the incident's timeline, its root cause and what prevents it from now on.");
    arena_free(arena);
}
