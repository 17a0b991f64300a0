#include "ops/migrate/migrate_command.h"

#include <stdio.h>

#include "config/config.h"
#include "ops/shared/command_line.h"
#include "ops/shared/happened.h"
#include "service/migrate.h"
#include "sys/db/session.h"

enum { LOCK_WAIT_MS = 60000 };

static void print_migration(const char *version, const char *state)
{
    printf("%-44s %s\n", version, state);
}

static void print_states(const struct migration_state *states, struct arena *arena)
{
    if (states->version)
        print_migration("VERSION", "APPLIED");
    for (const struct migration_state *m = states; m->version; m++) {
        const char *note = !m->is_known ? " (unknown to this program)" : m->is_changed ? " (changed since)" : "";
        print_migration(m->version, arena_printf(arena, "%s%s", m->applied_at ? m->applied_at : "pending", note));
    }
}

static int print_status(const struct config *config, struct err *err)
{
    struct session *session = migrate_open(config->database_owner_url, err);
    if (!session)
        return config->database_owner_url ? EXIT_COULD_NOT_LOOK : EXIT_FAILED;
    struct arena *arena = arena_new();
    const struct migration_state *states = migrate_list(session, arena, config->migrations_dir, err);
    if (states)
        print_states(states, arena);
    session_close(session);
    arena_free(arena);
    return states ? EXIT_FINE : EXIT_FAILED;
}

struct applied {
    int count;
    char latest[128];
};

static void print_event(void *ctx, enum migrate_event event, const char *text)
{
    struct applied *applied = ctx;
    if (event == MIGRATION_UNKNOWN) {
        fprintf(stderr, "warning: the database has migrations that this program doesn't know: %s\n", text);
        return;
    }
    applied->count++;
    snprintf(applied->latest, sizeof applied->latest, "%s", text);
    printf(event == MIGRATION_APPLIED ? "applied %s\n" : "marked as applied, as all of it is there: %s\n", text);
    fflush(stdout);
}

static int apply(const struct config *config, struct err *err)
{
    struct applied applied = {0};
    const struct migrate_ask ask = {.url = config->database_owner_url,
                                    .dir = config->migrations_dir,
                                    .lock_wait_ms = LOCK_WAIT_MS,
                                    .stop_fd = NO_STOP,
                                    .grants_anew = true,
                                    .on_event = print_event,
                                    .ctx = &applied};
    switch (migrate_apply(&ask, err)) {
    case MIGRATE_AWAY: return EXIT_COULD_NOT_LOOK;
    case MIGRATE_BUSY:
    case MIGRATE_HALF:
    case MIGRATE_FAILED: return EXIT_FAILED;
    case MIGRATE_DONE: break;
    }
    if (!applied.count)
        puts("nothing to apply");
    else if (!*config->migrations_dir)
        happened_beside((struct database){.as_owner = true}, JOURNAL_MIGRATION, "applied %d migrations, up to %s",
                        applied.count, applied.latest);
    return EXIT_FINE;
}

static int migrate(bool status_only)
{
    static struct config config; /* its texts live as long as the process */
    struct err err;
    int code = EXIT_FAILED;
    if (config_read(&config, &err))
        code = status_only ? print_status(&config, &err) : apply(&config, &err);
    if (code != EXIT_FINE)
        fprintf(stderr, "personaworlds migrate: %s\n", err.text);
    return code;
}

int migrate_main(int argc, char **argv)
{
    bool status_only = false;
    int code;
    const struct option options[] = {{.name = "--status", .kind = OPTION_SWITCH, .value = &status_only}, {0}};
    struct command_line line = {
        .command = "migrate",
        .usage =
            "Usage: personaworlds migrate [--status]\n"
            "Applies the migrations that the database in DATABASE_OWNER_URL lacks (where that is unset: in "
            "DATABASE_DIRECT_URL or DATABASE_URL), and\n"
            "grants the roles of `personaworlds roles` their rights, where they are there. One whose row was lost is "
            "marked as applied where all of it is there.\n"
            "  --status  only lists them: when each was applied, or that it is pending\n",
        .options = options};
    return command_line_read(&line, argc, argv, &code) ? migrate(status_only) : code;
}
