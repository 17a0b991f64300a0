#include "ops/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ops/exit_codes.h"
#include "ops/screen.h"
#include "sql.h"
#include "sys/config.h"
#include "sys/levers.h"
#include "sys/session.h"
#include "sys/setting.h"

struct request {
    char *const *words; /* KEY, VALUE */
    const char *for_how_long; /* as written; NULL: until it is unset */
    struct arena *arena;
    struct session *session;
};

static bool query(const struct request *r, enum sql statement, const char *const *params, struct table *table, struct err *err)
{
    const struct sql_statement *sql = &sql_statements[statement];
    struct err why;
    return session_query(r->session, r->arena, sql->text, sql->params, params, table, &why) || fail(err, "while running %s: %s", sql->name, why.text);
}

/* ---- list ---- */

enum column { KEY, VALUE, VERSION, EXPIRES_IN_MS, EXPIRES_AT, SINCE };

/* In whole seconds, rounded up: "29m59s". */
static const char *time_left(const struct request *r, const char *ms)
{
    if (!ms)
        return "never";
    long long s = (strtoll(ms, NULL, 10) + 999) / 1000;
    if (s >= 3600)
        return arena_printf(r->arena, "%lldh%02lldm", s / 3600, s % 3600 / 60);
    return s >= 60 ? arena_printf(r->arena, "%lldm%02llds", s / 60, s % 60) : arena_printf(r->arena, "%llds", s);
}

/* What a row's lever would be without it; for a row that somebody wrote by hand and no process obeys, why. */
static const char *otherwise(const struct request *r, const struct config *config, const char *key, const char *value, bool *is_wrong)
{
    enum lever lever;
    int64_t number;
    struct err err;
    char text[LEVER_TEXT];
    *is_wrong = true;
    if (!lever_find(key, &lever))
        return "not obeyed: no such lever";
    if (!lever_read(lever, value, &number, &err))
        return arena_printf(r->arena, "not obeyed: %s", err.text);
    *is_wrong = false;
    return arena_strdup(r->arena, lever_write(lever, lever_configured(lever, config), text));
}

static void show(const struct request *r, const struct config *config, const struct table *table, int row, struct grid *grid)
{
    const char *key = table_cell(table, row, KEY), *value = table_cell(table, row, VALUE);
    bool is_wrong;
    const char *instead = otherwise(r, config, key, value, &is_wrong);
    const char *cells[] = {key, value, table_cell(table, row, SINCE), time_left(r, table_cell(table, row, EXPIRES_IN_MS)), instead};
    grid_row(grid, is_wrong ? TONE_BAD : TONE_WARNING, cells);
}

static bool is_over(const struct table *table, int row)
{
    const char *ms = table_cell(table, row, EXPIRES_IN_MS);
    return ms && strcmp(ms, "0") == 0;
}

static bool list(const struct request *r, const struct config *config, struct err *err)
{
    struct table table;
    int count = 0;
    if (!query(r, SQL_SETTINGS_LIST, (const char *[]){NULL}, &table, err))
        return false;
    const char *const header[] = {"LEVER", "VALUE", "SINCE", "EXPIRES IN", "OTHERWISE"};
    struct grid *grid = grid_new(r->arena, COUNT(header));
    grid_row(grid, TONE_STRONG, header);
    for (int row = 0; row < table.rows; row++)
        if (!is_over(&table, row)) {
            show(r, config, &table, row, grid);
            count++;
        }
    if (count)
        grid_print(grid, 0);
    else
        puts("no lever is set: everything is as configured");
    return true;
}

/* ---- set and unset ---- */

/* Who waits for jobs of a paused type needs no poll to find them. */
static bool wake_workers(const struct request *r, const char *key, struct err *err)
{
    enum lever lever;
    struct table none;
    bool is_pause = lever_find(key, &lever) && lever_is_pause(lever);
    return !is_pause || query(r, SQL_JOBS_NOTIFY, (const char *[]){"jobs"}, &none, err);
}

/* Stored in the one form that everybody reads. */
static bool set(const struct request *r, const struct config *config, struct err *err)
{
    (void)config;
    enum lever lever;
    int64_t value = 0, ms = 0;
    char text[LEVER_TEXT];
    struct table set;
    if (!lever_find(r->words[0], &lever) || !lever_read(lever, r->words[1], &value, err) || (r->for_how_long && !duration_read(r->for_how_long, &ms)))
        return false; /* checked before */
    const char *written = lever_write(lever, value, text), *for_ms = r->for_how_long ? arena_printf(r->arena, "%lld", (long long)ms) : NULL;
    if (!query(r, SQL_SETTINGS_SET, (const char *[]){r->words[0], written, for_ms}, &set, err) || !wake_workers(r, r->words[0], err))
        return false;
    const char *until = table_cell(&set, 0, 0);
    printf("%s = %s %s%s\n", r->words[0], written, until ? "until " : "until it is unset", until ? until : "");
    return true;
}

static bool unset(const struct request *r, const struct config *config, struct err *err)
{
    (void)config;
    struct table unset;
    if (!query(r, SQL_SETTINGS_UNSET, (const char *[]){r->words[0]}, &unset, err) || !wake_workers(r, r->words[0], err))
        return false;
    printf(unset.rows ? "%s is as configured again\n" : "%s was not set\n", r->words[0]);
    return true;
}

/* ---- the command line ---- */

static const struct action {
    const char *name;
    int words;
    bool (*run)(const struct request *, const struct config *, struct err *);
} actions[] = {{"list", 0, list}, {"set", 2, set}, {"unset", 1, unset}};

static void print_usage(FILE *out)
{
    fputs("Usage: personaworlds settings list\n"
          "       personaworlds settings set LEVER VALUE [--for 30m]\n"
          "       personaworlds settings unset LEVER\n"
          "Levers change the running services without a restart. They are in the database in DATABASE_URL; every API and worker process obeys them\n"
          "within a second, also after a restart. With --for (1s to 720h) a lever ends by itself; without it, when it is unset.\n\n",
          out);
    for (enum lever lever = 0; lever < LEVERS; lever++) {
        char bounds[LEVER_TEXT];
        fprintf(out, "  %-28s  %-30s  %s\n", lever_key(lever), lever_bounds(lever, bounds), lever_help(lever));
    }
}

static int usage_error(const char *what, const char *word)
{
    fprintf(stderr, "personaworlds settings: %s%s\n\n", what, word);
    print_usage(stderr);
    return EXIT_USAGE;
}

static int refuse(const char *why)
{
    fprintf(stderr, "personaworlds settings: %s\n", why);
    return EXIT_USAGE;
}

static int check_set(const struct request *r)
{
    enum lever lever;
    int64_t ignored, ms;
    struct err err;
    if (lever_find(r->words[0], &lever) && !lever_read(lever, r->words[1], &ignored, &err))
        return refuse(err.text);
    if (r->for_how_long && (!duration_read(r->for_how_long, &ms) || ms < SECOND || ms > 720 * HOUR))
        return refuse("--for must be a duration like 30m, within 1s to 720h");
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
    enum { CONNECT_TIMEOUT_MS = 5000 };
    static struct config config; /* its texts live as long as the process */
    struct err err;
    r->arena = arena_new();
    bool ok = config_read(&config, &err);
    r->session = ok ? session_open(config.database_url, CONNECT_TIMEOUT_MS, &err) : NULL;
    ok = r->session && action->run(r, &config, &err);
    session_close(r->session);
    arena_free(r->arena);
    if (!ok)
        fprintf(stderr, "personaworlds settings: %s\n", err.text);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Takes `--for TIME` out of the words, wherever it stands. False: a flag that isn't known, or without its time. */
static bool take_flags(char **words, int *count, const char **for_how_long)
{
    int kept = 0;
    for (int i = 0; i < *count; i++) {
        if (strcmp(words[i], "--for") == 0 && i + 1 < *count)
            *for_how_long = words[++i];
        else if (words[i][0] == '-')
            return false;
        else
            words[kept++] = words[i];
    }
    *count = kept;
    return true;
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
    if (!take_flags(argv + 2, &count, &r.for_how_long) || count != action->words)
        return usage_error("wrong arguments for ", argv[1]);
    int code = check(action, &r);
    return code ? code : run(action, &r);
}
