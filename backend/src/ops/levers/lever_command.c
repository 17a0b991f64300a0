#include "ops/levers/lever_command.h"

#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "ops/shared/command_line.h"
#include "ops/shared/database.h"
#include "ops/shared/lever_store.h"
#include "ops/shared/screen.h"
#include "ops/shared/settings_source.h"
#include "ops/shared/times.h"

struct lever_request {
    const char *const *words; /* KEY, VALUE */
    struct lever_order order; /* of set */
    struct database database;
};

/* ---- list ---- */

enum column { KEY, VALUE, VERSION, EXPIRES_IN_MS, EXPIRES_AT, SINCE };

enum { SHOWN = 5 }; /* columns */

/* What a row's lever would be without it; for a row that somebody wrote by hand and no process
 * obeys, why. */
static const char *default_text(const struct database *d, const char *key, const char *value, enum tone *tone)
{
    enum lever lever;
    int64_t number;
    struct err err;
    char text[LEVER_TEXT];
    *tone = TONE_BAD;
    if (!lever_find(key, &lever))
        return "not obeyed: no such lever";
    if (!lever_parse(lever, value, &number, &err))
        return arena_printf(d->arena, "not obeyed: %s", err.text);
    *tone = TONE_WARNING;
    return arena_strdup(d->arena, lever_format(lever, lever_configured(lever, d->config), text));
}

static void add_lever(const struct database *d, const struct table *table, int row, struct grid *grid)
{
    const char *key = table_cell(table, row, KEY), *value = table_cell(table, row, VALUE);
    const char *left = times_left(d->arena, table_cell(table, row, EXPIRES_IN_MS), "never");
    enum tone tone;
    const char *instead = default_text(d, key, value, &tone);
    grid_row(grid, tone, (const char *[]){key, value, table_cell(table, row, SINCE), left, instead});
}

static bool is_expired(const struct table *table, int row)
{
    const char *ms = table_cell(table, row, EXPIRES_IN_MS);
    return ms && strcmp(ms, "0") == 0;
}

static int settings_list(void *request, struct err *err)
{
    const struct database *d = &((struct lever_request *)request)->database;
    struct table table;
    int count = 0;
    if (!database_ask(d, SQL_SETTINGS_LIST, NULL, &table, err))
        return EXIT_FAILED;
    const char *otherwise = arena_printf(d->arena, "OTHERWISE (by %s)", settings_source());
    struct grid *grid = grid_new(d->arena, SHOWN);
    grid_row(grid, TONE_STRONG, (const char *[]){"LEVER", "VALUE", "SINCE", "EXPIRES IN", otherwise});
    for (int row = 0; row < table.rows; row++)
        if (!is_expired(&table, row)) {
            add_lever(d, &table, row, grid);
            count++;
        }
    if (count)
        grid_print(grid, 0);
    else
        puts("no lever is set: everything is as configured");
    return EXIT_FINE;
}

/* ---- set and unset ---- */

static int settings_set(void *request, struct err *err)
{
    const struct lever_request *r = request;
    char text[LEVER_TEXT];
    const char *until;
    if (!lever_store_set(&r->database, &r->order, &until, err))
        return EXIT_FAILED;
    printf("%s = %s %s%s\n", r->words[0], lever_format(r->order.lever, r->order.value, text),
           until ? "until " : "until it is unset", until ? until : "");
    return EXIT_FINE;
}

/* A lever that nobody knows may be unset all the same: somebody wrote it by hand. */
static int settings_unset(void *request, struct err *err)
{
    const struct lever_request *r = request;
    bool was_set;
    if (!lever_store_unset(&r->database, r->words[0], &was_set, err))
        return EXIT_FAILED;
    printf(was_set ? "%s is as configured again\n" : "%s was not set\n", r->words[0]);
    return EXIT_FINE;
}

/* ---- the command line ---- */

static const struct action actions[] = {
    {"list", 0, 0, settings_list, NULL}, {"set", 2, 2, settings_set, NULL}, {"unset", 1, 1, settings_unset, NULL}, {0}};

static const char usage[] =
    "Usage: personaworlds settings list\n"
    "       personaworlds settings set LEVER VALUE [--for 30m]\n"
    "       personaworlds settings unset LEVER\n"
    "Levers change the running services without a restart. They are in the database in DATABASE_URL; every API and "
    "worker process obeys them\n"
    "within a second, also after a restart. With --for (1s to 720h) a lever ends by itself; without it, when it is "
    "unset.\n\n";

static void settings_print_levers(FILE *out)
{
    for (enum lever lever = 0; lever < LEVERS; lever++) {
        char bounds[LEVER_TEXT];
        fprintf(out, "  %-28s  %-30s  %s\n", lever_key(lever), lever_bounds(lever, bounds), lever_help(lever));
    }
}

int settings_main(int argc, char **argv)
{
    struct lever_request r = {0};
    struct err err;
    int code;
    const struct option options[] = {
        {.name = "--for", OPTION_HOLDS, .like = "30m", .value = &r.order.for_ms, .actions = "set"}, {0}};
    struct command_line line = {.command = "settings",
                                .usage = usage,
                                .print_list = settings_print_levers,
                                .options = options,
                                .actions = actions};
    if (!command_line_read(&line, argc, argv, &code))
        return code;
    r.words = line.words;
    bool sets = line.action->run == settings_set;
    if (sets && !lever_find(r.words[0], &r.order.lever))
        return command_line_wrong_word(&line, "no such lever: ", r.words[0]);
    if (sets && !lever_parse(r.order.lever, r.words[1], &r.order.value, &err))
        return command_line_wrong_value(&line, err.text);
    return database_command(line.command, &r.database, line.action->run, &r);
}
