#include "ops/verify_report.h"

#include <stdio.h>

#include "base/clock.h"
#include "ops/screen.h"

enum { SPELLED_SIZE = 32 };

/* "1h02m", "3m20s", "12s". */
static const char *spell(char out[static SPELLED_SIZE], uint64_t ns)
{
    unsigned long long s = ns / NS_PER_S;
    if (s >= 3600)
        snprintf(out, SPELLED_SIZE, "%lluh%02llum", s / 3600, s % 3600 / 60);
    else if (s >= 60)
        snprintf(out, SPELLED_SIZE, "%llum%02llus", s / 60, s % 60);
    else
        snprintf(out, SPELLED_SIZE, "%llus", s);
    return out;
}

/* Fractions of a second help nobody here. */
static const char *time_of(char out[static RFC3339_SIZE], int64_t unix_us)
{
    rfc3339_from_us(out, unix_us);
    snprintf(out + sizeof "2026-11-23T20:15:00" - 1, 2, "Z");
    return out;
}

static enum tone tone_of(const struct track *track)
{
    return track->holds ? TONE_GOOD : TONE_BAD;
}

static void print_changes(const struct progress *p)
{
    char now[RFC3339_SIZE];
    for (int i = 0; i < ITEMS; i++) {
        const struct track *track = &p->tracks->of[i];
        if (track->has_changed)
            screen_line(tone_of(track), "%s  %-14s  %-6s  %s", time_of(now, p->now->unix_us), items[i].id, track->holds ? "holds" : "broken", track->value.text);
    }
}

static void draw(const struct progress *p)
{
    char elapsed[SPELLED_SIZE], held[SPELLED_SIZE], wanted[SPELLED_SIZE], limit[SPELLED_SIZE], since[SPELLED_SIZE];
    screen_clear();
    screen_line(TONE_STRONG, "all have held for %s of %s; watching for %s, at most %s; Ctrl-C ends it", spell(held, tracks_held_ns(p->tracks, p->now)),
                spell(wanted, p->for_ns), spell(elapsed, p->now->at_ns - p->began_ns), spell(limit, p->give_up_ns));
    for (int i = 0; i < ITEMS; i++) {
        const struct track *track = &p->tracks->of[i];
        screen_line(tone_of(track), "  %-14s  %-6s  %6s  %s", items[i].id, track->holds ? "holds" : "broken", spell(since, p->now->at_ns - track->since_ns),
                    track->value.text);
    }
}

void report_progress(const struct progress *p)
{
    if (screen_is_terminal())
        draw(p);
    else
        print_changes(p);
    fflush(stdout);
}

/* An item that hasn't held for the whole time, and why. */
static void print_failure(const struct progress *p, int i)
{
    char held[SPELLED_SIZE], at[RFC3339_SIZE];
    const struct track *track = &p->tracks->of[i];
    uint64_t held_ns = p->now->at_ns - track->since_ns;
    if (!track->is_known || (track->holds && (held_ns >= p->for_ns || !track->breaks)))
        return;
    time_of(at, track->broke_unix_us);
    if (track->holds)
        screen_line(TONE_WARNING, "  %-14s  has held for %s; broke %d time%s, last at %s: %s", items[i].id, spell(held, held_ns), track->breaks,
                    track->breaks == 1 ? "" : "s", at, track->broke_value.text);
    else
        screen_line(TONE_BAD, "  %-14s  is broken since %s: %s", items[i].id, at, track->broke_value.text);
}

void report_end(const struct progress *p, enum verify_end end)
{
    char wanted[SPELLED_SIZE], elapsed[SPELLED_SIZE];
    spell(wanted, p->for_ns);
    spell(elapsed, p->now->at_ns - p->began_ns);
    if (end == VERIFY_HELD)
        screen_line(TONE_GOOD, "recovered: everything has held for %s", wanted);
    else
        screen_line(TONE_BAD, "not recovered: %s after %s without %s in which everything held", end == VERIFY_GAVE_UP ? "gave up" : "interrupted", elapsed, wanted);
    for (int i = 0; i < ITEMS && end != VERIFY_HELD; i++)
        print_failure(p, i);
    screen_line(TONE_PLAIN, "Left to you: write down the incident's timeline, its root cause and what prevents it from now on.");
}
