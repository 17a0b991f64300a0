#include "ops/seed/seed.h"

#include <stdio.h>

#include "ops/shared/command_line.h"
#include "ops/shared/database.h"
#include "sys/crypto.h"
#include "sys/passwords.h"

static const char demo_password[] = "demo-password-1";

/* In the order in which they need each other. */
static const struct part {
    enum sql statement;
    bool demo;
    const char *label; /* what was seeded, for the last line */
} parts[] = {
    {SQL_SEED_ROOMS, false, "rooms"},
    {SQL_SEED_DEMO_USERS, true, "demo users"},
    {SQL_SEED_DEMO_PERSONAS, true, "demo personas"},
    {SQL_SEED_DEMO_POSTS, true, "demo posts"},
    {SQL_SEED_DEMO_REPLIES, true, "demo replies"},
    {SQL_SEED_DEMO_SOCIAL, true, "demo profiles, follows and events"},
};

struct seed_request {
    bool demo;
    struct database database;
};

/* All parts or none. One transaction stays on one connection of a pooler, so a pooler will do. */
static bool seed_parts(const struct seed_request *r, struct err *err)
{
    char hash[PASSWORD_HASH_SIZE] = "";
    const char *const params[] = {hash};
    struct table none;
    if (r->demo && (!crypto_start(err) || !password_hash_now(demo_password, hash)))
        return fail(err, "while hashing the demo password: out of memory");
    if (!session_run(r->database.session, "BEGIN", err))
        return false;
    for (size_t i = 0; i < COUNT(parts); i++)
        if ((r->demo || !parts[i].demo) && !database_ask(&r->database, parts[i].statement, params, &none, err))
            return false;
    return session_run(r->database.session, "COMMIT", err);
}

static void say_seeded(bool demo)
{
    for (size_t i = 0; i < COUNT(parts); i++)
        if (demo || !parts[i].demo)
            printf("%s%s", i ? ", " : "seeded: ", parts[i].label);
    puts("");
    if (demo)
        printf("log in as demo-ayse@example.com or demo-ben@example.com, password %s\n", demo_password);
}

static int seed(void *request, struct err *err)
{
    const struct seed_request *r = request;
    if (!seed_parts(r, err))
        return EXIT_FAILED;
    say_seeded(r->demo);
    return EXIT_FINE;
}

int seed_main(int argc, char **argv)
{
    struct seed_request r = {.database.as_owner = true};
    int code;
    const struct option options[] = {{.name = "--demo", .kind = OPTION_SWITCH, .value = &r.demo}, {0}};
    struct command_line line = {
        .command = "seed",
        .usage =
            "Usage: personaworlds seed [--demo]\n"
            "Puts the first data into the database in DATABASE_OWNER_URL (DATABASE_URL where that is unset): the "
            "rooms. Running it\n"
            "again changes nothing.\n"
            "  --demo  also users, personas, posts and replies to look at\n",
        .options = options};
    return command_line_read(&line, argc, argv, &code) ? database_command(line.command, &r.database, seed, &r) : code;
}
