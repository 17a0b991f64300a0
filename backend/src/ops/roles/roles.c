#include "ops/roles/roles.h"

#include <stdio.h>
#include <string.h>

#include "ops/shared/command_line.h"
#include "ops/shared/database.h"
#include "service/rights.h"

struct roles_request {
    struct database database;
};

static const char *const role_names[] = {"owner", "api", "worker", "ops"};

/* ---- as SQL ---- */

static void print_statement(enum sql statement)
{
    printf("%s;\n\n", sql_statements[statement].parts->text);
}

static int print_roles(void)
{
    struct arena *arena = arena_new();
    puts(
        "-- For psql, as a superuser, in the services' database. It may be run again.\n"
        "BEGIN;\nSET LOCAL lock_timeout = '5s'; -- rather than keep the services waiting\n\n-- the roles");
    print_statement(SQL_ROLES_MAKE);
    puts("-- this database and what is in it");
    print_statement(SQL_ROLES_OWN);
    puts("COMMIT;\n\n-- Their rights. A database without tables gets them from `personaworlds migrate`.\nBEGIN;");
    fputs(rights_script(arena), stdout);
    puts(
        "COMMIT;\n\n-- A role without a password can log in only where pg_hba.conf asks for none. To give one, in "
        "psql:");
    for (size_t i = 0; i < COUNT(role_names); i++)
        printf("--   \\password personaworlds_%s\n", role_names[i]);
    arena_free(arena);
    return EXIT_FINE;
}

/* ---- done ---- */

static bool make_roles(const struct database *d, struct err *err)
{
    struct table none;
    return session_run(d->session, "BEGIN", err) && database_ask(d, SQL_MIGRATE_SHORT_LOCK_TIMEOUT, NULL, &none, err) &&
           database_ask(d, SQL_ROLES_MAKE, NULL, &none, err) && database_ask(d, SQL_ROLES_OWN, NULL, &none, err) &&
           session_run(d->session, "COMMIT", err);
}

static bool is_role_name(const char *name, size_t len)
{
    for (size_t i = 0; i < COUNT(role_names); i++)
        if (strlen(role_names[i]) == len && strncmp(role_names[i], name, len) == 0)
            return true;
    return false;
}

/* As a hash, so that no log of the server has the password. */
static bool give_password(const struct database *d, const char *role, const char *password, struct err *err)
{
    struct table script;
    const char *hash = session_password_hash(d->session, d->arena, role, password, err);
    return hash && database_ask(d, SQL_ROLES_PASSWORD, (const char *[]){role, hash}, &script, err) &&
           session_run(d->session, table_cell(&script, 0, 0), err);
}

/* "api:secret,worker:secret". Nothing of it is quoted. */
static bool give_passwords(const struct database *d, struct err *err)
{
    const char *at = d->config->database_role_passwords;
    while (*at) {
        size_t len = strcspn(at, ","), name = strcspn(at, ":");
        if (name + 1 >= len || !is_role_name(at, name))
            return fail(err,
                        "DATABASE_ROLE_PASSWORDS must be like owner:PASSWORD,api:PASSWORD, without commas in a "
                        "password; the names are owner, api, worker, ops");
        const char *role = arena_printf(d->arena, "personaworlds_%.*s", (int)name, at);
        const char *password = arena_printf(d->arena, "%.*s", (int)(len - name - 1), at + name + 1);
        if (!give_password(d, role, password, err))
            return false;
        at += len + (at[len] == ',');
    }
    return true;
}

static int apply_roles(void *request, struct err *err)
{
    const struct database *d = &((struct roles_request *)request)->database;
    if (!make_roles(d, err) || !rights_grant(d->session, d->arena, err) || !give_passwords(d, err))
        return EXIT_FAILED;
    puts(
        "personaworlds_owner owns the database; personaworlds_api, personaworlds_worker and personaworlds_ops have "
        "their rights in it");
    return EXIT_FINE;
}

int roles_main(int argc, char **argv)
{
    struct roles_request r = {.database.as_owner = true};
    bool apply = false;
    int code;
    const struct option options[] = {{.name = "--apply", .kind = OPTION_SWITCH, .value = &apply}, {0}};
    struct command_line line = {
        .command = "roles",
        .usage =
            "Usage: personaworlds roles [--apply]\n"
            "Prints the SQL that makes the database's roles, owner, api, worker and ops, and gives each the rights "
            "that it needs.\n"
            "  --apply  runs it on the database in DATABASE_OWNER_URL, whose user must be a superuser the first time; "
            "gives the\n"
            "           passwords in DATABASE_ROLE_PASSWORDS\n",
        .options = options};
    if (!command_line_read(&line, argc, argv, &code))
        return code;
    return apply ? database_command(line.command, &r.database, apply_roles, &r) : print_roles();
}
