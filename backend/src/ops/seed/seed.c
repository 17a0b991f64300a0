#include "ops/seed/seed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "ops/shared/exit_codes.h"
#include "sql.h"
#include "sys/crypto.h"
#include "sys/db/session.h"
#include "sys/passwords.h"

static const char demo_password[] = "demo-password-1";

/* In the order in which they need each other. */
static const struct part {
    enum sql statement;
    bool demo;
    const char *made;
} parts[] = {
    {SQL_SEED_ROOMS, false, "rooms"},
    {SQL_SEED_DEMO_USERS, true, "demo users"},
    {SQL_SEED_DEMO_PERSONAS, true, "demo personas"},
    {SQL_SEED_DEMO_POSTS, true, "demo posts"},
    {SQL_SEED_DEMO_REPLIES, true, "demo replies"},
    {SQL_SEED_DEMO_SOCIAL, true, "demo profiles, follows and events"},
};

static bool run_part(struct session *session, struct arena *arena, const struct part *part, const char *hash,
                     struct err *err)
{
    struct session_ask ask = {.statement = part->statement, .params = &hash};
    return session_query(session, arena, &ask) ||
           fail(err, "while running %s: %s", sql_statements[part->statement].name, ask.err.text);
}

/* In one transaction. */
static bool run_parts(struct session *session, struct arena *arena, bool demo, struct err *err)
{
    char hash[PASSWORD_HASH_SIZE] = "";
    if (demo && (!crypto_start(err) || !password_hash_now(demo_password, hash)))
        return fail(err, "while hashing the demo password: out of memory");
    if (!session_run(session, "BEGIN", err))
        return false;
    for (size_t i = 0; i < COUNT(parts); i++)
        if ((demo || !parts[i].demo) && !run_part(session, arena, &parts[i], hash, err))
            return false;
    return session_run(session, "COMMIT", err);
}

static void say_done(bool demo)
{
    for (size_t i = 0; i < COUNT(parts); i++)
        if (demo || !parts[i].demo)
            printf("%s%s", i ? ", " : "seeded: ", parts[i].made);
    puts("");
    if (demo)
        printf("log in as demo-ayse@example.com or demo-ben@example.com, password %s\n", demo_password);
}

static int seed(bool demo)
{
    enum { CONNECT_TIMEOUT_MS = 10000 };
    static struct config config; /* its texts live as long as the process */
    struct err err;
    struct arena *arena = arena_new();
    bool ok = config_read(&config, &err); /* one transaction, so a pooler will do */
    struct session *session = ok ? session_open(config.database_url, CONNECT_TIMEOUT_MS, &err) : NULL;
    int code = !session ? EXIT_COULD_NOT_LOOK : run_parts(session, arena, demo, &err) ? EXIT_FINE : EXIT_FAILURE;
    session_close(session);
    arena_free(arena);
    if (code == EXIT_FINE)
        say_done(demo);
    else
        fprintf(stderr, "personaworlds seed: %s\n", err.text);
    return code;
}

int seed_main(int argc, char **argv)
{
    static const char usage[] =
        "Usage: personaworlds seed [--demo]\n"
        "Puts the first data into the database in DATABASE_URL: the rooms. Running it again changes nothing.\n"
        "  --demo  also users, personas, posts and replies to look at\n";
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        fputs(usage, stdout);
        return EXIT_SUCCESS;
    }
    bool demo = argc == 2 && strcmp(argv[1], "--demo") == 0;
    if (argc > 1 && !demo) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    return seed(demo);
}
