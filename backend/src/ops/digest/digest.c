#include "ops/digest/digest.h"

#include <stdlib.h>
#include <string.h>

#include "base/uuid.h"
#include "ops/shared/command_line.h"
#include "ops/shared/database.h"
#include "ops/shared/progress.h"

static const char command[] = "digest";

struct words {
    const char *persona, *user;
    bool stale, dry_run;
};

static const char *really(const struct words *w)
{
    return w->dry_run ? "false" : "true";
}

/* ---- one persona's, one user's ---- */

static int rebuild_one(const struct database *d, const struct words *w, struct err *err)
{
    enum { WANTED, MISSING, ASKED };
    struct table table;
    bool persona = w->persona != NULL;
    if (!database_ask(d, persona ? SQL_DIGESTS_ASK_AGAIN : SQL_WEEKLY_ASK_AGAIN,
                      (const char *[]){persona ? w->persona : w->user, really(w)}, &table, err) ||
        !database_wake_workers(d, err))
        return EXIT_COULD_NOT_LOOK;
    if (!table.rows) {
        fprintf(stderr, "personaworlds digest: there is no such %s\n", persona ? "persona" : "user");
        return 1;
    }
    long long count = table_number(&table, 0, w->dry_run ? MISSING : ASKED);
    printf("%s digests %s: %lld; asked for already: %lld\n", persona ? "persona" : "weekly",
           w->dry_run ? "to ask for" : "asked for", count, table_number(&table, 0, WANTED) - count);
    return 0;
}

/* ---- all ---- */

static const struct kind {
    enum sql statement;
    const char *name, *subjects;
} kinds[] = {{SQL_DIGESTS_ASK_STALE, "persona", "personas"}, {SQL_WEEKLY_ASK_STALE, "weekly", "users"}};

static bool rebuild_kind(const struct database *d, const struct words *w, const struct kind *kind, struct err *err)
{
    enum { LOOKED, STALE, ASKED, LAST };
    static const char batch[] = "500";
    struct table row;
    long long looked = 0, asked = 0;
    const char *last = NULL;
    do {
        if (!database_change(d, kind->statement, (const char *[]){last, batch, really(w)}, &row, err) ||
            (table_number(&row, 0, ASKED) && !database_wake_workers(d, err)))
            return false;
        looked += table_number(&row, 0, LOOKED);
        asked += table_number(&row, 0, w->dry_run ? STALE : ASKED);
        last = table_cell(&row, 0, LAST);
        if (last)
            progress_show(
                arena_printf(d->arena, "%s looked at: %lld, stale digests: %lld", kind->subjects, looked, asked));
    } while (last);
    progress_end();
    printf("%s digests %s: %lld\n", kind->name, w->dry_run ? "to ask for" : "asked for", asked);
    return true;
}

static int rebuild_stale(const struct database *d, const struct words *w, struct err *err)
{
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (!rebuild_kind(d, w, &kinds[i], err))
            return EXIT_COULD_NOT_LOOK;
    return 0;
}

/* ---- the command line ---- */

static void print_usage(FILE *out)
{
    fputs(
        "Usage: personaworlds digest rebuild --persona ID | --user ID | --stale [--dry-run]\n"
        "Asks the workers again for digests; one that is asked for already stays as it is.\n"
        "  --persona ID  the persona's digest of today (UTC), and of the last seven days' whose activity is newer than "
        "the digest, or has none\n"
        "  --user ID     the user's digest of this week, now\n"
        "  --stale       all of either kind that are missing or older than they should be, and that no job makes\n"
        "  --dry-run     only counts\n"
        "The database is the one in DATABASE_URL. Exit code: 0; 1 where there is no such persona or user; 3 for a "
        "wrong command line; 4 where the\n"
        "database couldn't be asked.\n",
        out);
}

static int run(const struct words *w)
{
    struct err err;
    struct database d;
    int code = EXIT_COULD_NOT_LOOK;
    if (database_open(&d, &err))
        code = w->stale ? rebuild_stale(&d, w, &err) : rebuild_one(&d, w, &err);
    database_close(&d);
    if (code == EXIT_COULD_NOT_LOOK)
        fprintf(stderr, "personaworlds digest: %s\n", err.text);
    return code;
}

int digest_main(int argc, char **argv)
{
    struct words w = {0};
    int count = argc - 2;
    const struct flag flags[] = {{"--persona", &w.persona, NULL},
                                 {"--user", &w.user, NULL},
                                 {"--stale", NULL, &w.stale},
                                 {"--dry-run", NULL, &w.dry_run},
                                 {0}};
    if (words_ask_for_help(argc, argv)) {
        print_usage(stdout);
        return EXIT_SUCCESS;
    }
    if (argc < 2)
        return words_usage_error(command, print_usage, "what to do is missing", "");
    if (strcmp(argv[1], "rebuild") != 0)
        return words_usage_error(command, print_usage, "unknown command ", argv[1]);
    if (!words_take_flags(argv + 2, &count, flags) || count)
        return words_usage_error(command, print_usage, "wrong arguments for ", argv[1]);
    if (!!w.persona + !!w.user + w.stale != 1)
        return words_usage_error(command, print_usage, "one of --persona, --user and --stale is needed", "");
    const char *id = w.persona ? w.persona : w.user;
    if (id && !uuid_valid(id, strlen(id)))
        return words_refuse(command, "an id is a UUID");
    return run(&w);
}
