#include "ops/admin/admin.h"

#include <stdio.h>

#include "base/text.h"
#include "ops/shared/command_line.h"
#include "ops/shared/happened.h"
#include "ops/shared/screen.h"
#include "ops/shared/who.h"

struct admin_request {
    const char *user; /* an id or an address */
    struct database database;
};

/* Says one of two sentences about the user's id. */
static int admin_change(struct admin_request *r, enum sql statement, const char *changed, const char *same,
                        struct err *err)
{
    enum { USER_ID, CHANGED };
    struct arena *arena = r->database.arena;
    struct table found;
    const char *const params[] = {r->user, text_lower(arena, r->user), who_acts(arena)};
    if (!database_change(&r->database, statement, params, &found, err))
        return EXIT_COULD_NOT_LOOK;
    if (!found.rows) {
        fail(err, "there is no user with this id or address");
        return EXIT_FAILED;
    }
    bool has_changed = *table_cell(&found, 0, CHANGED) == 't';
    printf("%s %s\n", table_cell(&found, 0, USER_ID), has_changed ? changed : same);
    if (has_changed)
        happened(&r->database, JOURNAL_ACTION, "user %s %s", table_cell(&found, 0, USER_ID), changed);
    return EXIT_FINE;
}

static int admin_grant(void *request, struct err *err)
{
    return admin_change(request, SQL_ADMINISTRATORS_GRANT, "is an administrator from now on",
                        "was an administrator already", err);
}

static int admin_revoke(void *request, struct err *err)
{
    return admin_change(request, SQL_ADMINISTRATORS_REVOKE, "is no administrator any more", "was no administrator",
                        err);
}

static int admin_list(void *request, struct err *err)
{
    static const char *const header[] = {"USER", "E-MAIL", "SINCE", "BY"};
    enum { USER_ID, EMAIL, SINCE, MADE_BY };
    const struct database *d = &((struct admin_request *)request)->database;
    struct table table;
    if (!database_ask(d, SQL_ADMINISTRATORS_LIST, NULL, &table, err))
        return EXIT_COULD_NOT_LOOK;
    if (!table.rows) {
        puts("nobody was made an administrator; ADMIN_EMAILS and, outside prod, everybody: docs/CONFIG.md");
        return EXIT_FINE;
    }
    struct grid *grid = grid_new(d->arena, COUNT(header));
    grid_row(grid, TONE_STRONG, header);
    for (int row = 0; row < table.rows; row++) {
        const char *by = table_cell(&table, row, MADE_BY);
        grid_row(grid, TONE_PLAIN,
                 (const char *[]){table_cell(&table, row, USER_ID), table_cell(&table, row, EMAIL),
                                  table_cell(&table, row, SINCE), by ? by : "-"});
    }
    grid_print(grid, 0);
    return EXIT_FINE;
}

static const struct action actions[] = {
    {"grant", 1, 1, admin_grant, NULL}, {"revoke", 1, 1, admin_revoke, NULL}, {"list", 0, 0, admin_list, NULL}, {0}};

static const char usage[] =
    "Usage: personaworlds admin grant USER|EMAIL\n"
    "       personaworlds admin revoke USER|EMAIL\n"
    "       personaworlds admin list\n"
    "Administrators may see what administrators see, from their next request on. A user is named by id or by e-mail "
    "address. Each change is recorded with the\n"
    "host's user who made it (table administrator_changes). The database is the one in DATABASE_URL. Exit code: 0; 1 "
    "where there is no such user; 3 for a wrong\n"
    "command line; 4 where the database couldn't be asked.\n";

int admin_main(int argc, char **argv)
{
    struct admin_request r = {0};
    int code;
    struct command_line line = {.command = "admin", .usage = usage, .actions = actions};
    if (!command_line_read(&line, argc, argv, &code))
        return code;
    r.user = line.count ? line.words[0] : NULL;
    return database_command(line.command, &r.database, line.action->run, &r);
}
