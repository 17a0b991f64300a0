#include "ops/digest/digest.h"

#include <stdio.h>
#include <string.h>

#include "base/uuid.h"
#include "ops/shared/command_line.h"
#include "ops/shared/happened.h"
#include "ops/shared/progress.h"

struct digest_request {
    const char *persona, *user;
    bool stale, dry_run;
    struct database database;
};

static const char *really(const struct digest_request *r)
{
    return r->dry_run ? "false" : "true";
}

/* ---- one persona's, one user's ---- */

static int rebuild_one(const struct digest_request *r, struct err *err)
{
    enum { WANTED, MISSING, ASKED };
    const struct database *d = &r->database;
    struct table table;
    bool persona = r->persona != NULL;
    if (!database_ask(d, persona ? SQL_DIGESTS_ASK_AGAIN : SQL_WEEKLY_ASK_AGAIN,
                      (const char *[]){persona ? r->persona : r->user, really(r)}, &table, err) ||
        !database_wake_workers(d, err))
        return EXIT_COULD_NOT_LOOK;
    if (!table.rows) {
        fail(err, "there is no such %s", persona ? "persona" : "user");
        return EXIT_FAILED;
    }
    long long count = table_number(&table, 0, r->dry_run ? MISSING : ASKED);
    printf("%s digests %s: %lld; asked for already: %lld\n", persona ? "persona" : "weekly",
           r->dry_run ? "to ask for" : "asked for", count, table_number(&table, 0, WANTED) - count);
    return EXIT_FINE;
}

/* ---- all ---- */

static const struct digest_kind {
    enum sql statement;
    const char *name, *subjects;
} kinds[] = {{SQL_DIGESTS_ASK_STALE, "persona", "personas"}, {SQL_WEEKLY_ASK_STALE, "weekly", "users"}};

static bool rebuild_kind(const struct digest_request *r, const struct digest_kind *kind, struct err *err)
{
    const struct database *d = &r->database;
    enum { LOOKED, STALE, ASKED, LAST };
    static const char batch[] = "500";
    struct table row;
    long long looked = 0, asked = 0;
    const char *last = NULL;
    do {
        if (!database_change(d, kind->statement, (const char *[]){last, batch, really(r)}, &row, err) ||
            (table_number(&row, 0, ASKED) && !database_wake_workers(d, err)))
            return false;
        looked += table_number(&row, 0, LOOKED);
        asked += table_number(&row, 0, r->dry_run ? STALE : ASKED);
        last = table_cell(&row, 0, LAST);
        if (last)
            progress_show(
                arena_printf(d->arena, "%s looked at: %lld, stale digests: %lld", kind->subjects, looked, asked));
    } while (last);
    progress_end();
    printf("%s digests %s: %lld\n", kind->name, r->dry_run ? "to ask for" : "asked for", asked);
    return true;
}

static int rebuild_stale(const struct digest_request *r, struct err *err)
{
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (!rebuild_kind(r, &kinds[i], err))
            return EXIT_COULD_NOT_LOOK;
    return EXIT_FINE;
}

/* ---- the command line ---- */

static int rebuild(void *request, struct err *err)
{
    const struct digest_request *r = request;
    int code = r->stale ? rebuild_stale(r, err) : rebuild_one(r, err);
    if (code == EXIT_FINE && !r->dry_run)
        happened(&r->database, JOURNAL_ACTION, "digests were asked for again: %s",
                 r->stale     ? "all stale ones"
                 : r->persona ? "a persona's"
                              : "a user's");
    return code;
}

static const char usage[] =
    "Usage: personaworlds digest rebuild --persona ID | --user ID | --stale [--dry-run]\n"
    "Asks the workers again for digests; one that is asked for already stays as it is.\n"
    "  --persona ID  the persona's digest of today (UTC), and of the last seven days' whose activity is newer than "
    "the digest, or has none\n"
    "  --user ID     the user's digest of this week, now\n"
    "  --stale       all of either kind that are missing or older than they should be, and that no job makes\n"
    "  --dry-run     only counts\n"
    "The database is the one in DATABASE_URL. Exit code: 0; 1 where there is no such persona or user; 3 for a "
    "wrong command line; 4 where the\n"
    "database couldn't be asked.\n";

int digest_main(int argc, char **argv)
{
    static const struct action actions[] = {{"rebuild", 0, 0, rebuild, NULL}, {0}};
    struct digest_request r = {0};
    int code;
    const struct option options[] = {{.name = "--persona", .kind = OPTION_TEXT, .value = &r.persona},
                                     {.name = "--user", .kind = OPTION_TEXT, .value = &r.user},
                                     {.name = "--stale", .kind = OPTION_SWITCH, .value = &r.stale},
                                     {.name = "--dry-run", .kind = OPTION_SWITCH, .value = &r.dry_run},
                                     {0}};
    struct command_line line = {.command = "digest", .usage = usage, .options = options, .actions = actions};
    if (!command_line_read(&line, argc, argv, &code))
        return code;
    if (!!r.persona + !!r.user + r.stale != 1)
        return command_line_wrong_word(&line, "one of --persona, --user and --stale is needed", "");
    const char *id = r.persona ? r.persona : r.user;
    if (id && !uuid_valid(id, strlen(id)))
        return command_line_wrong_value(&line, "an id is a UUID");
    return database_command(line.command, &r.database, line.action->run, &r);
}
