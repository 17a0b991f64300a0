#include "ops/levers/lever_command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ops/shared/command_line.h"
#include "ops/shared/database.h"
#include "ops/shared/lever_store.h"
#include "ops/shared/screen.h"
#include "ops/shared/times.h"

static const char command[] = "settings";

struct request {
    char *const *words;       /* KEY, VALUE */
    const char *for_how_long; /* as written; NULL: until it is unset */
    struct database database;
};

/* ---- list ---- */

enum column { KEY, VALUE, VERSION, EXPIRES_IN_MS, EXPIRES_AT, SINCE };

static const char *const header[] = {"LEVER", "VALUE", "SINCE", "EXPIRES IN", "OTHERWISE"};

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
    if (!lever_read(lever, value, &number, &err))
        return arena_printf(d->arena, "not obeyed: %s", err.text);
    *tone = TONE_WARNING;
    return arena_strdup(d->arena, lever_write(lever, lever_configured(lever, d->config), text));
}

static void add_lever(const struct database *d, const struct table *table, int row, struct grid *grid)
{
    const char *key = table_cell(table, row, KEY), *value = table_cell(table, row, VALUE);
    const char *left = times_left(d->arena, table_cell(table, row, EXPIRES_IN_MS), "never");
    enum tone tone;
    const char *instead = default_text(d, key, value, &tone);
    grid_row(grid, tone, (const char *[]){key, value, table_cell(table, row, SINCE), left, instead});
}

static bool is_over(const struct table *table, int row)
{
    const char *ms = table_cell(table, row, EXPIRES_IN_MS);
    return ms && strcmp(ms, "0") == 0;
}

static bool list(const struct request *r, struct err *err)
{
    const struct database *d = &r->database;
    struct table table;
    int count = 0;
    if (!database_ask(d, SQL_SETTINGS_LIST, (const char *[]){NULL}, &table, err))
        return false;
    struct grid *grid = grid_new(d->arena, COUNT(header));
    grid_row(grid, TONE_STRONG, header);
    for (int row = 0; row < table.rows; row++)
        if (!is_over(&table, row)) {
            add_lever(d, &table, row, grid);
            count++;
        }
    if (count)
        grid_print(grid, 0);
    else
        puts("no lever is set: everything is as configured");
    return true;
}

/* ---- set and unset ---- */

static bool set(const struct request *r, struct err *err)
{
    enum lever lever;
    int64_t value = 0, ms = 0;
    char text[LEVER_TEXT];
    const char *until;
    if (!lever_find(r->words[0], &lever) || !lever_read(lever, r->words[1], &value, err) ||
        (r->for_how_long && !words_read_time(r->for_how_long, &ms)))
        return false; /* checked before */
    if (!lever_store_set(&r->database, lever, value, ms, &until, err))
        return false;
    printf("%s = %s %s%s\n", r->words[0], lever_write(lever, value, text), until ? "until " : "until it is unset",
           until ? until : "");
    return true;
}

static bool unset(const struct request *r, struct err *err)
{
    bool was_set;
    if (!lever_store_unset(&r->database, r->words[0], &was_set, err))
        return false;
    printf(was_set ? "%s is as configured again\n" : "%s was not set\n", r->words[0]);
    return true;
}

/* ---- the command line ---- */

static const struct action {
    const char *name;
    int words;
    bool (*run)(const struct request *, struct err *);
} actions[] = {{"list", 0, list}, {"set", 2, set}, {"unset", 1, unset}};

static void print_usage(FILE *out)
{
    fputs(
        "Usage: personaworlds settings list\n"
        "       personaworlds settings set LEVER VALUE [--for 30m]\n"
        "       personaworlds settings unset LEVER\n"
        "Levers change the running services without a restart. They are in the database in DATABASE_URL; every API and "
        "worker process obeys them\n"
        "within a second, also after a restart. With --for (1s to 720h) a lever ends by itself; without it, when it is "
        "unset.\n\n",
        out);
    for (enum lever lever = 0; lever < LEVERS; lever++) {
        char bounds[LEVER_TEXT];
        fprintf(out, "  %-28s  %-30s  %s\n", lever_key(lever), lever_bounds(lever, bounds), lever_help(lever));
    }
}

static int usage_error(const char *what, const char *word)
{
    return words_usage_error(command, print_usage, what, word);
}

static int check_set(const struct request *r)
{
    enum lever lever;
    int64_t ignored;
    struct err err;
    if (lever_find(r->words[0], &lever) && !lever_read(lever, r->words[1], &ignored, &err))
        return words_refuse(command, err.text);
    if (r->for_how_long && !words_read_time(r->for_how_long, &ignored))
        return words_refuse(command, words_wrong_for);
    return 0;
}

/* A lever that nobody knows may be unset all the same: somebody wrote it by hand. */
static int check(const struct action *action, const struct request *r)
{
    enum lever lever;
    if (action->run != set)
        return r->for_how_long ? usage_error("--for belongs to set", "") : 0;
    return lever_find(r->words[0], &lever) ? check_set(r) : usage_error("no such lever: ", r->words[0]);
}

static int run(const struct action *action, struct request *r)
{
    struct err err;
    int code = !database_open(&r->database, &err) ? EXIT_COULD_NOT_LOOK
               : action->run(r, &err)             ? EXIT_FINE
                                                  : EXIT_FAILURE;
    database_close(&r->database);
    if (code != EXIT_FINE)
        fprintf(stderr, "personaworlds settings: %s\n", err.text);
    return code;
}

int settings_main(int argc, char **argv)
{
    int count = argc - 2;
    struct request r = {.words = argv + 2};
    const struct action *action = NULL;
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        print_usage(stdout);
        return EXIT_SUCCESS;
    }
    if (argc < 2)
        return usage_error("what to do is missing", "");
    for (size_t i = 0; i < COUNT(actions); i++)
        if (strcmp(actions[i].name, argv[1]) == 0)
            action = &actions[i];
    if (!action)
        return usage_error("unknown command ", argv[1]);
    const struct flag flags[] = {{"--for", &r.for_how_long, NULL}, {0}};
    if (!words_take_flags(argv + 2, &count, flags) || count != action->words)
        return usage_error("wrong arguments for ", argv[1]);
    int code = check(action, &r);
    return code ? code : run(action, &r);
}
