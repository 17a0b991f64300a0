#include "ops/incident/incident.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/duration.h"
#include "base/utf8.h"
#include "ops/incident/report.h"
#include "ops/shared/command_line.h"
#include "ops/shared/happened.h"
#include "ops/shared/kept_file.h"
#include "ops/shared/screen.h"
#include "ops/shared/times.h"
#include "ops/shared/who.h"
#include "sys/crypto.h"

#define OPENED "incident_opened"
#define CLOSED "incident_closed"

/* ---- with the database ---- */

static int incident_open(void *request, struct err *err)
{
    enum { IS_NEW, INCIDENT, TITLE, SINCE, WHO };
    struct incident_request *r = request;
    const struct database *d = &r->database;
    struct table found;
    const char *const params[] = {r->entry, "0", who_acts(d->arena), happened_text(d, r->text)};
    if (!database_change(d, SQL_JOURNAL_OPEN, params, &found, err))
        return EXIT_COULD_NOT_LOOK;
    if (*table_cell(&found, 0, IS_NEW) == 't') {
        printf("incident %s is open: %s\n", table_cell(&found, 0, INCIDENT), table_cell(&found, 0, TITLE));
        return EXIT_FINE;
    }
    fail(err, "incident %s is open since %s, by %s: %.200s; close it first", table_cell(&found, 0, INCIDENT),
         table_cell(&found, 0, SINCE), table_cell(&found, 0, WHO), table_cell(&found, 0, TITLE));
    return EXIT_FAILED;
}

static int incident_note(void *request, struct err *err)
{
    const struct incident_request *r = request;
    enum happened where = happened(&r->database, JOURNAL_NOTE, "%s", r->text);
    if (where == HAPPENED_WRITTEN)
        puts("noted");
    else if (where == HAPPENED_LOST)
        fail(err, "it is noted nowhere");
    return where == HAPPENED_LOST ? EXIT_FAILED : EXIT_FINE;
}

static int incident_close(void *request, struct err *err)
{
    enum { INCIDENT, TITLE, SECONDS };
    const struct incident_request *r = request;
    const struct database *d = &r->database;
    struct table closed;
    const char *const params[] = {r->entry, "0", who_acts(d->arena)};
    if (!database_change(d, SQL_JOURNAL_CLOSE, params, &closed, err))
        return EXIT_COULD_NOT_LOOK;
    if (!closed.rows) {
        fail(err, "no incident is open");
        return EXIT_FAILED;
    }
    const char *number = table_cell(&closed, 0, INCIDENT);
    printf("incident %s is closed after %s: %s\n`personaworlds incident report %s` has its timeline\n", number,
           times_seconds(d->arena, table_cell(&closed, 0, SECONDS), "?"), table_cell(&closed, 0, TITLE), number);
    return EXIT_FINE;
}

static int incident_list(void *request, struct err *err)
{
    static const char *const header[] = {"INCIDENT", "OPENED", "CLOSED", "BY", "TITLE"};
    enum { INCIDENT, TITLE, OPENED_AT, WHO, CLOSED_AT };
    const struct database *d = &((struct incident_request *)request)->database;
    struct table table;
    if (!database_ask(d, SQL_JOURNAL_INCIDENTS, (const char *[]){NULL}, &table, err))
        return EXIT_COULD_NOT_LOOK;
    if (!table.rows) {
        puts("there was no incident");
        return EXIT_FINE;
    }
    struct grid *grid = grid_new(d->arena, COUNT(header));
    grid_row(grid, TONE_STRONG, header);
    for (int row = 0; row < table.rows; row++) {
        const char *closed = table_cell(&table, row, CLOSED_AT);
        grid_row(grid, closed ? TONE_PLAIN : TONE_WARNING,
                 (const char *[]){table_cell(&table, row, INCIDENT), table_cell(&table, row, OPENED_AT),
                                  closed ? closed : "open", table_cell(&table, row, WHO),
                                  table_cell(&table, row, TITLE)});
    }
    grid_print(grid, 0);
    return EXIT_FINE;
}

/* ---- without it ---- */

/* What the file says of incidents; the table may know of another. */
struct kept_state {
    bool is_open;
    char title[256];
};

static bool look_at_kept(void *ctx, const struct kept_entry *entry)
{
    struct kept_state *state = ctx;
    if (strcmp(entry->kind, OPENED) == 0)
        snprintf(state->title, sizeof state->title, "%s", entry->what);
    state->is_open = strcmp(entry->kind, OPENED) == 0 || (state->is_open && strcmp(entry->kind, CLOSED) != 0);
    return true;
}

/* A note, an opening or a closing is kept until the database is back. */
static int keep_for_later(const struct incident_request *r, const struct action *action, struct err *err)
{
    struct kept_state state = {0};
    const struct database *d = &r->database;
    const char *kind = action->run == incident_open ? OPENED : action->run == incident_close ? CLOSED : JOURNAL_NOTE;
    kept_each(d->arena, d->config->database_url, false, look_at_kept, &state);
    if (state.is_open && strcmp(kind, OPENED) == 0) {
        fail(err, "an incident is open: %s; close it first", state.title);
        return EXIT_FAILED;
    }
    const char *what = strcmp(kind, CLOSED) == 0 ? "closed" : happened_text(d, r->text);
    return happened_keep(d, r->entry, kind, what) == HAPPENED_KEPT ? EXIT_FINE : EXIT_COULD_NOT_LOOK;
}

static bool can_be_kept(const struct action *action)
{
    return action->run == incident_open || action->run == incident_note || action->run == incident_close;
}

static int run_action(struct incident_request *r, const struct action *action)
{
    struct err reason = {""};
    char entry[UUID_SIZE];
    random_uuid(entry);
    r->entry = entry;
    int code = database_open(&r->database, &reason) ? action->run(r, &reason) : EXIT_COULD_NOT_LOOK;
    if (code == EXIT_COULD_NOT_LOOK && r->database.is_configured && can_be_kept(action)) {
        fprintf(stderr, "personaworlds incident: %s\n", reason.text);
        reason.text[0] = '\0';
        code = keep_for_later(r, action, &reason);
    }
    database_close(&r->database);
    if (code != EXIT_FINE && *reason.text)
        fprintf(stderr, "personaworlds incident: %s\n", reason.text);
    return code;
}

/* ---- the command line ---- */

enum { WORDS_MAX = 256, TITLE_MAX = 120 };

static const struct action actions[] = {
    {"open", 1, WORDS_MAX, incident_open, NULL}, {"note", 1, WORDS_MAX, incident_note, NULL},
    {"close", 0, 0, incident_close, NULL},       {"list", 0, 0, incident_list, NULL},
    {"report", 0, 1, incident_report, NULL},     {0}};

static const char usage[] =
    "Usage: personaworlds incident open TITLE\n"
    "       personaworlds incident note TEXT\n"
    "       personaworlds incident close\n"
    "       personaworlds incident list\n"
    "       personaworlds incident report [ID] [--since 2h] [--prometheus URL]\n"
    "The journal has what happens when it happens: levers, blocks, pauses and what else operators do, starts and "
    "stops of processes, migrations, changes\n"
    "of readiness, what triage and verify found; and what you note. One incident is open at a time. report prints "
    "Markdown: that time's timeline, and what is\n"
    "to fill in.\n"
    "  ID                an incident of the list; without it the one that is open, else the latest\n"
    "  --since TIME      the timeline begins so long before the incident was opened (30m); where none is named or "
    "open, so long before now\n"
    "  --prometheus URL  puts its alerts into the timeline\n"
    "While the database in DATABASE_URL is away open, note and close are kept in a file (.personaworlds/incidents/, "
    "else $XDG_STATE_HOME/personaworlds/,\n"
    "else ~/.local/state/personaworlds/), and the next command that reaches it joins them. Exit code: 0; 1 where it "
    "can't be done, like a second open; 3 for a\n"
    "wrong command line; 4 where the database couldn't be asked.\n";

static const char *joined(struct arena *arena, const struct command_line *line)
{
    struct buf text = buf_new(arena);
    for (int i = 0; i < line->count; i++)
        buf_printf(&text, "%s%s", i ? " " : "", line->words[i]);
    return text.text;
}

/* NULL, or what is wrong with the words. */
static const char *take_incident_words(struct arena *arena, struct incident_request *r, const struct command_line *line)
{
    enum { DIGITS_MAX = 9 };
    const char *text = joined(arena, line);
    if (line->action->run == incident_report) {
        r->number = line->count ? text : NULL;
        bool is_number = strspn(text, "0123456789") == strlen(text) && strlen(text) <= DIGITS_MAX;
        return is_number ? NULL : "ID must be a number that `personaworlds incident list` shows";
    }
    r->text = text;
    if (line->action->least && text[strspn(text, " \t\r\n")] == '\0')
        return "it says nothing";
    if (line->action->run == incident_open && utf8_exceeds(text, TITLE_MAX))
        return "TITLE must be at most 120 characters";
    return utf8_exceeds(text, HAPPENED_MAX) ? "TEXT must be at most 2000 characters" : NULL;
}

int incident_main(int argc, char **argv)
{
    struct incident_request r = {0};
    int code;
    struct arena *arena = arena_new();
    const struct option options[] = {
        {"--since", OPTION_DURATION, &r.since_ms, .actions = "report", .like = "2h", .least = SECOND,
         .most = 720 * HOUR},
        {"--prometheus", OPTION_ADDRESS, &r.prometheus, .actions = "report", .like = "http://localhost:9090"},
        {0}};
    struct command_line line = {
        .command = "incident", .usage = usage, .options = options, .actions = actions, .arena = arena};
    if (command_line_read(&line, argc, argv, &code)) {
        const char *wrong = take_incident_words(arena, &r, &line);
        code = wrong ? command_line_wrong_value(&line, wrong) : run_action(&r, line.action);
    }
    arena_free(arena);
    return code;
}
