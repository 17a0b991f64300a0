#include "ops/incident/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/duration.h"
#include "base/text.h"
#include "base/utf8.h"
#include "ops/shared/exit_codes.h"
#include "ops/shared/times.h"

/* What came before an incident was opened: somebody had to wake up first. */
#define LEAD_US (INT64_C(1800) * 1000000)

/* ---- as Markdown ---- */

static bool is_mark(const char *text, size_t i)
{
    bool is_inside_word = text[i] == '_' && i > 0 && text[i - 1] > ' ' && text[i + 1] > ' ';
    return strchr("\\`*_[]<>|~#", text[i]) && !is_inside_word;
}

/* A text that is nothing but text, in a cell of a table or a heading. A row may have been written
 * by hand, so what can't be seen is shown here as well. */
static const char *plain(struct arena *arena, const char *text)
{
    struct buf out = buf_new(arena);
    size_t len = strlen(text);
    for (size_t i = 0, bytes; i < len; i += MAX(bytes, 1)) {
        char one[8] = "";
        bytes = utf8_length_at(text + i, len - i);
        memcpy(one, text + i, bytes);
        if (!bytes)
            buf_printf(&out, "\\\\x%02x", (unsigned char)text[i]);
        else if (text_has_unseen(one))
            buf_printf(&out, "\\\\u%04x", (unsigned)utf8_code_point(one, bytes));
        else if (is_mark(text, i))
            buf_printf(&out, "\\%s", one);
        else
            buf_str(&out, one);
    }
    return out.text;
}

/* "2026-11-29 14:00:01.123" */
static const char *time_of(struct arena *arena, int64_t us)
{
    char text[RFC3339_SIZE];
    rfc3339_from_us(text, us);
    return arena_printf(arena, "%.10s %.12s", text, text + 11);
}

static void print_happening(struct arena *arena, const struct happening *h)
{
    enum { LATE_S = 5 }; /* what is noted is written within a second */
    const char *late =
        h->late_s >= LATE_S ? arena_printf(arena, " (written %s later)", times_write(arena, h->late_s)) : "";
    printf("| %s | %s | %s | %s%s |\n", time_of(arena, h->us), plain(arena, h->who), plain(arena, h->kind),
           plain(arena, h->what), late);
}

static void print_timeline(struct arena *arena, const struct timeline *timeline)
{
    puts("## Timeline\n");
    if (!timeline->count) {
        puts("Nothing is in the journal of that time.\n");
        return;
    }
    puts("| time (UTC) | who | kind | what |\n|---|---|---|---|");
    for (int i = 0; i < timeline->count; i++)
        print_happening(arena, &timeline->list[i]);
    if (timeline->is_cut)
        printf("\nThere is more: these are %d of it.\n", timeline->count);
    puts("");
}

static void print_to_fill_in(void)
{
    puts("## Root cause\n\n_To fill in: what made it happen, and why that could happen._\n");
    puts("## Preventive action\n\n_To fill in: what keeps it from coming back; who does it, by when._");
}

/* ---- which incident ---- */

/* Of journal/incidents. */
enum { INCIDENT, TITLE, OPENED_AT, OPENED_BY, CLOSED_AT, CLOSED_BY, OPENED_US, CLOSED_US };

static int64_t cell_us(const struct table *table, int row, int column)
{
    const char *cell = table_cell(table, row, column);
    return cell ? strtoll(cell, NULL, 10) : 0;
}

static void print_head(struct arena *arena, const struct table *found)
{
    int64_t opened = cell_us(found, 0, OPENED_US), closed = cell_us(found, 0, CLOSED_US);
    printf("# Incident %s: %s\n\n", table_cell(found, 0, INCIDENT), plain(arena, table_cell(found, 0, TITLE)));
    printf("- Opened %s by %s\n", table_cell(found, 0, OPENED_AT), plain(arena, table_cell(found, 0, OPENED_BY)));
    if (closed)
        printf("- Closed %s by %s, after %s\n", table_cell(found, 0, CLOSED_AT),
               plain(arena, table_cell(found, 0, CLOSED_BY)), times_write(arena, (closed - opened) / 1000000));
    else
        puts("- Still open");
}

/* Without a number: the one that is open; else, with --since, none; else the latest. */
static bool is_meant(const struct incident_request *r, const struct table *found)
{
    return found->rows > 0 && (r->number || !table_cell(found, 0, CLOSED_AT) || !r->since_ms);
}

static bool read_now(const struct database *d, int64_t *us, struct err *err)
{
    struct table now;
    if (!database_ask(d, SQL_JOURNAL_NOW, NULL, &now, err))
        return false;
    *us = cell_us(&now, 0, 0);
    return true;
}

static void set_window(const struct incident_request *r, const struct table *found, int64_t now,
                       struct timeline *timeline)
{
    int64_t lead = r->since_ms ? r->since_ms * 1000 : LEAD_US;
    bool is_of_incident = is_meant(r, found);
    timeline->from_us = (is_of_incident ? cell_us(found, 0, OPENED_US) : now) - lead;
    timeline->until_us = is_of_incident && cell_us(found, 0, CLOSED_US) ? cell_us(found, 0, CLOSED_US) : now;
}

/* ---- the timeline ---- */

static int by_time(const void *a, const void *b)
{
    const struct happening *one = a, *other = b;
    return one->us != other->us ? (one->us > other->us) - (one->us < other->us) : one->place - other->place;
}

static bool read_timeline(const struct database *d, struct timeline *timeline, struct err *err)
{
    enum { US, LATE_SECONDS, WHO, KIND, WHAT };
    struct table rows;
    const char *const params[] = {arena_printf(d->arena, "%lld", (long long)timeline->from_us),
                                  arena_printf(d->arena, "%lld", (long long)timeline->until_us),
                                  arena_printf(d->arena, "%d", HAPPENINGS_MAX)};
    if (!database_ask(d, SQL_JOURNAL_TIMELINE, params, &rows, err))
        return false;
    timeline->list = arena_alloc(d->arena, HAPPENINGS_MAX * sizeof *timeline->list);
    timeline->is_cut = rows.rows == HAPPENINGS_MAX;
    for (int row = 0; row < rows.rows; row++)
        timeline->list[timeline->count++] = (struct happening){.us = cell_us(&rows, row, US),
                                                               .late_s = cell_us(&rows, row, LATE_SECONDS),
                                                               .who = table_cell(&rows, row, WHO),
                                                               .kind = table_cell(&rows, row, KIND),
                                                               .what = table_cell(&rows, row, WHAT)};
    return true;
}

static int print_report(const struct incident_request *r, const struct table *found, struct timeline *timeline)
{
    struct arena *arena = r->database.arena;
    const char *why = r->prometheus ? add_alerts(arena, r->prometheus, timeline) : NULL;
    for (int i = 0; i < timeline->count; i++)
        timeline->list[i].place = i;
    if (r->prometheus)
        qsort(timeline->list, (size_t)timeline->count, sizeof *timeline->list, by_time);
    if (is_meant(r, found))
        print_head(arena, found);
    else
        puts("# What happened\n");
    printf("- This timeline: from %s to %s UTC, %d entries\n", time_of(arena, timeline->from_us),
           time_of(arena, timeline->until_us), timeline->count);
    if (why)
        printf("- Alerts aren't in it: the Prometheus couldn't be asked (%s)\n", plain(arena, why));
    puts("");
    print_timeline(arena, timeline);
    print_to_fill_in();
    return EXIT_FINE;
}

int incident_report(void *request, struct err *err)
{
    const struct incident_request *r = request;
    const struct database *d = &r->database;
    struct table found;
    struct timeline timeline = {0};
    int64_t now;
    if (!database_ask(d, SQL_JOURNAL_INCIDENTS, &r->number, &found, err) || !read_now(d, &now, err))
        return EXIT_COULD_NOT_LOOK;
    if (!found.rows && (r->number || !r->since_ms)) {
        fail(err, r->number ? "there is no such incident" : "there was no incident; --since 2h reports without one");
        return EXIT_FAILED;
    }
    set_window(r, &found, now, &timeline);
    return read_timeline(d, &timeline, err) ? print_report(r, &found, &timeline) : EXIT_COULD_NOT_LOOK;
}
