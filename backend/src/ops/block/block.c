#include "ops/block/block.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "domain/callers.h"
#include "domain/cidr.h"
#include "ops/shared/command_line.h"
#include "ops/shared/database.h"
#include "ops/shared/screen.h"
#include "ops/shared/times.h"

static const char command[] = "block";

struct request {
    struct cidr network;
    char text[CIDR_TEXT_SIZE]; /* in the one form */
    const char *for_how_long, *reason;
    bool force;
    int64_t for_ms; /* 0: until it is removed */
    struct database database;
};

/* ---- what would hit the wrong ones ---- */

static bool meets_loopback(const struct cidr *network)
{
    static const char *const loopbacks[] = {"127.0.0.0/8", "::1/128"};
    struct cidr loopback;
    for (size_t i = 0; i < COUNT(loopbacks); i++)
        if (cidr_read(loopbacks[i], strlen(loopbacks[i]), &loopback) && cidr_meets(network, &loopback))
            return true;
    return false;
}

static bool meets_proxy(struct arena *arena, const struct config *config, const struct cidr *network)
{
    struct proxies proxies;
    struct err ignored; /* no API starts with it */
    if (!proxies_read(arena, config, &proxies, &ignored))
        return false;
    for (int i = 0; i < proxies.count; i++)
        if (cidr_meets(network, &proxies.networks[i]))
            return true;
    return false;
}

/* NULL, or why the network wants --force. */
static const char *danger(const struct request *r)
{
    enum { NO_V4_BITS = 96 };
    if (r->network.prefix == 0 || (r->network.prefix == NO_V4_BITS && address_is_v4(&r->network.network)))
        return "is everybody";
    if (meets_loopback(&r->network))
        return "has this machine's own addresses: health checks and scrapes from here would be refused, too";
    if (meets_proxy(r->database.arena, r->database.config, &r->network))
        return "has one of TRUSTED_PROXIES: what it asks for itself would be refused, too, and so would who comes "
               "through it without X-Forwarded-For";
    return NULL;
}

/* ---- add, list, remove ---- */

static void print_added(const struct request *r, const char *until)
{
    enum { CUSTOMER_PREFIX = 64 };
    char wider[CIDR_TEXT_SIZE];
    printf("%s is refused %s%s\n", r->text, until ? "until " : "until it is removed", until ? until : "");
    if (address_is_v4(&r->network.network) || r->network.prefix <= CUSTOMER_PREFIX)
        return;
    cidr_write(wider, &(struct cidr){address_cut(&r->network.network, CUSTOMER_PREFIX), CUSTOMER_PREFIX});
    printf("its owner has more addresses: a customer's network is usually %s\n", wider);
}

static int add(struct request *r, struct err *err)
{
    struct table added;
    const char *reason = danger(r);
    if (reason && !r->force) {
        fprintf(stderr, "personaworlds block: %s %s; if that is meant, say --force\n", r->text, reason);
        return EXIT_USAGE;
    }
    const char *const params[] = {r->text,
                                  r->for_ms ? arena_printf(r->database.arena, "%lld", (long long)r->for_ms) : NULL,
                                  r->reason ? r->reason : ""};
    if (!database_ask(&r->database, SQL_BLOCKS_ADD, params, &added, err))
        return EXIT_COULD_NOT_LOOK;
    print_added(r, table_cell(&added, 0, 0));
    return 0;
}

static int list(struct request *r, struct err *err)
{
    static const char *const header[] = {"NETWORK", "SINCE", "EXPIRES IN", "REASON"};
    enum { NETWORK, SINCE, EXPIRES_IN_MS, REASON };
    const struct database *d = &r->database;
    struct table table;
    if (!database_ask(d, SQL_BLOCKS_LIST, NULL, &table, err))
        return EXIT_COULD_NOT_LOOK;
    if (!table.rows) {
        puts("no address is blocked");
        return 0;
    }
    struct grid *grid = grid_new(d->arena, COUNT(header));
    grid_row(grid, TONE_STRONG, header);
    for (int row = 0; row < table.rows; row++)
        grid_row(grid, TONE_WARNING,
                 (const char *[]){table_cell(&table, row, NETWORK), table_cell(&table, row, SINCE),
                                  times_left(d->arena, table_cell(&table, row, EXPIRES_IN_MS), "never"),
                                  table_cell(&table, row, REASON)});
    grid_print(grid, 0);
    return 0;
}

static int remove_one(struct request *r, struct err *err)
{
    struct table removed;
    if (!database_ask(&r->database, SQL_BLOCKS_REMOVE, (const char *[]){r->text}, &removed, err))
        return EXIT_COULD_NOT_LOOK;
    printf(removed.rows ? "%s is let in again\n" : "%s was not blocked\n", r->text);
    return 0;
}

/* ---- the command line ---- */

static const struct action {
    const char *name;
    int words;
    int (*run)(struct request *, struct err *);
} actions[] = {{"add", 1, add}, {"list", 0, list}, {"remove", 1, remove_one}};

static void print_usage(FILE *out)
{
    fputs(
        "Usage: personaworlds block add NETWORK [--for 1h] [--reason TEXT] [--force]\n"
        "       personaworlds block list\n"
        "       personaworlds block remove NETWORK\n"
        "Every API process refuses the requests of a blocked network with 403, before anything else and for every "
        "path, within a second. A network is an\n"
        "address, or one like 203.0.113.0/24 or 2001:db8::/32. With --for (1s to 720h) a block ends by itself. --force "
        "is for networks that have\n"
        "everybody, this machine or one of TRUSTED_PROXIES (as this command's environment has it). The database is the "
        "one in DATABASE_URL. Exit code: 0; 3\n"
        "for a wrong command line, or where --force is missing; 4 where the database couldn't be asked.\n",
        out);
}

static int usage_error(const char *what, const char *word)
{
    return words_usage_error(command, print_usage, what, word);
}

/* For one line of a list. */
static bool is_short_line(const char *text)
{
    enum { MOST = 200 };
    size_t len = strlen(text);
    for (size_t i = 0; i < len; i++)
        if (iscntrl((unsigned char)text[i]))
            return false;
    return len <= MOST;
}

/* 0, or the exit code. */
static int check(const struct action *action, struct request *r, char *const *words)
{
    if (action->run != add && (r->for_how_long || r->reason || r->force))
        return usage_error("a flag of add", "");
    if (action->words && !cidr_read(words[0], strlen(words[0]), &r->network))
        return usage_error("no address and no network: ", words[0]);
    if (r->for_how_long && !words_read_time(r->for_how_long, &r->for_ms))
        return words_refuse(command, words_wrong_for);
    if (r->reason && !is_short_line(r->reason))
        return words_refuse(command, "--reason must be one line of at most 200 bytes");
    if (action->words)
        cidr_write(r->text, &r->network);
    return 0;
}

static int run(const struct action *action, struct request *r)
{
    struct err err;
    int code = database_open(&r->database, &err) ? action->run(r, &err) : EXIT_COULD_NOT_LOOK;
    database_close(&r->database);
    if (code == EXIT_COULD_NOT_LOOK)
        fprintf(stderr, "personaworlds block: %s\n", err.text);
    return code;
}

int block_main(int argc, char **argv)
{
    int count = argc - 2;
    struct request r = {0};
    const struct action *action = NULL;
    const struct flag flags[] = {
        {"--for", &r.for_how_long, NULL}, {"--reason", &r.reason, NULL}, {"--force", NULL, &r.force}, {0}};
    if (words_ask_for_help(argc, argv)) {
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
    if (!words_take_flags(argv + 2, &count, flags) || count != action->words)
        return usage_error("wrong arguments for ", argv[1]);
    int code = check(action, &r, argv + 2);
    return code ? code : run(action, &r);
}
