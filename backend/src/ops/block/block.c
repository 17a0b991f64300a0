#include "ops/block/block.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "domain/callers.h"
#include "domain/cidr.h"
#include "ops/shared/command_line.h"
#include "ops/shared/happened.h"
#include "ops/shared/screen.h"
#include "ops/shared/times.h"

struct block_request {
    struct cidr network;
    char text[CIDR_TEXT_SIZE]; /* `network` as cidr_write writes it */
    const char *reason;
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
    struct err ignored; /* of TRUSTED_PROXIES with which no API starts, so there is no proxy to hit */
    if (!proxies_read(arena, config, &proxies, &ignored))
        return false;
    for (int i = 0; i < proxies.count; i++)
        if (cidr_meets(network, &proxies.networks[i]))
            return true;
    return false;
}

/* Clients of NAT64 are known by their IPv4 addresses. */
static bool is_nat64(const struct address *address)
{
    const struct address inner = address_behind_nat64(address);
    return address_is_v4(&inner) && !address_is_v4(address);
}

/* NULL, or why the network wants --force. */
static const char *danger(const struct block_request *r)
{
    enum { V4_MAPPED_PREFIX = 96 }; /* ::ffff:0:0/96, which is 0.0.0.0/0 */
    if (r->network.prefix == 0 || (r->network.prefix == V4_MAPPED_PREFIX && address_is_v4(&r->network.network)))
        return "is everybody";
    if (meets_loopback(&r->network))
        return "has this machine's own addresses: health checks and scrapes from here would be refused, too";
    if (is_nat64(&r->network.network))
        return "would refuse nobody: who comes by NAT64 is known by the IPv4 address behind it";
    if (meets_proxy(r->database.arena, r->database.config, &r->network))
        return "has one of TRUSTED_PROXIES: what it asks for itself would be refused, too, and so would who comes "
               "through it without its header";
    return NULL;
}

/* ---- add, list, remove ---- */

static void print_added(const struct block_request *r, const char *until)
{
    enum { CUSTOMER_PREFIX = 64 };
    char wider[CIDR_TEXT_SIZE];
    printf("%s is refused %s%s\n", r->text, until ? "until " : "until it is removed", until ? until : "");
    if (address_is_v4(&r->network.network) || r->network.prefix <= CUSTOMER_PREFIX)
        return;
    cidr_write(wider, &(struct cidr){address_cut(&r->network.network, CUSTOMER_PREFIX), CUSTOMER_PREFIX});
    printf("its owner has more addresses: a customer's network is usually %s\n", wider);
}

static int block_add(void *request, struct err *err)
{
    struct block_request *r = request;
    struct table added;
    const char *reason = danger(r);
    if (reason && !r->force) {
        fail(err, "%s %s; if that is meant, say --force", r->text, reason);
        return EXIT_USAGE;
    }
    const char *const params[] = {r->text,
                                  r->for_ms ? arena_printf(r->database.arena, "%lld", (long long)r->for_ms) : NULL,
                                  r->reason ? r->reason : ""};
    if (!database_ask(&r->database, SQL_BLOCKS_ADD, params, &added, err))
        return EXIT_COULD_NOT_LOOK;
    const char *until = table_cell(&added, 0, 0);
    print_added(r, until);
    happened(&r->database, JOURNAL_BLOCK, "%s is refused %s%s%s%s", r->text, until ? "until " : "until it is removed",
             until ? until : "", r->reason ? ": " : "", r->reason ? r->reason : "");
    return EXIT_FINE;
}

static int block_list(void *request, struct err *err)
{
    static const char *const header[] = {"NETWORK", "SINCE", "EXPIRES IN", "REASON"};
    enum { NETWORK, SINCE, EXPIRES_IN_MS, REASON };
    const struct database *d = &((struct block_request *)request)->database;
    struct table table;
    if (!database_ask(d, SQL_BLOCKS_LIST, NULL, &table, err))
        return EXIT_COULD_NOT_LOOK;
    if (!table.rows) {
        puts("no address is blocked");
        return EXIT_FINE;
    }
    struct grid *grid = grid_new(d->arena, COUNT(header));
    grid_row(grid, TONE_STRONG, header);
    for (int row = 0; row < table.rows; row++)
        grid_row(grid, TONE_WARNING,
                 (const char *[]){table_cell(&table, row, NETWORK), table_cell(&table, row, SINCE),
                                  times_left(d->arena, table_cell(&table, row, EXPIRES_IN_MS), "never"),
                                  table_cell(&table, row, REASON)});
    grid_print(grid, 0);
    return EXIT_FINE;
}

static int block_remove(void *request, struct err *err)
{
    struct block_request *r = request;
    struct table removed;
    if (!database_ask(&r->database, SQL_BLOCKS_REMOVE, (const char *[]){r->text}, &removed, err))
        return EXIT_COULD_NOT_LOOK;
    printf(removed.rows ? "%s is let in again\n" : "%s was not blocked\n", r->text);
    if (removed.rows)
        happened(&r->database, JOURNAL_BLOCK, "%s is let in again", r->text);
    return EXIT_FINE;
}

/* ---- the command line ---- */

static const struct action actions[] = {
    {"add", 1, 1, block_add, NULL}, {"list", 0, 0, block_list, NULL}, {"remove", 1, 1, block_remove, NULL}, {0}};

static const char usage[] =
    "Usage: personaworlds block add NETWORK [--for 1h] [--reason TEXT] [--force]\n"
    "       personaworlds block list\n"
    "       personaworlds block remove NETWORK\n"
    "Every API process refuses the requests of a blocked network with 403, before anything else and for every "
    "path, within a second. A network is an\n"
    "address, or one like 203.0.113.0/24 or 2001:db8::/32. With --for (1s to 720h) a block ends by itself. --force "
    "is for networks that have\n"
    "everybody, this machine or one of TRUSTED_PROXIES (as this command's environment has it). The database is the "
    "one in DATABASE_URL. Exit code: 0; 3\n"
    "for a wrong command line, or where --force is missing; 4 where the database couldn't be asked.\n";

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

int block_main(int argc, char **argv)
{
    struct block_request r = {0};
    int code;
    const struct option options[] = {
        {.name = "--for", OPTION_HOLDS, .like = "30m", .value = &r.for_ms, .actions = "add"},
        {.name = "--reason", .kind = OPTION_TEXT, .value = &r.reason, .actions = "add"},
        {.name = "--force", .kind = OPTION_SWITCH, .value = &r.force, .actions = "add"},
        {0}};
    struct command_line line = {.command = "block", .usage = usage, .options = options, .actions = actions};
    if (!command_line_read(&line, argc, argv, &code))
        return code;
    if (line.count && !cidr_read(line.words[0], strlen(line.words[0]), &r.network))
        return command_line_wrong_word(&line, "no address and no network: ", line.words[0]);
    if (r.reason && !is_short_line(r.reason))
        return command_line_wrong_value(&line, "--reason must be one line of at most 200 bytes");
    if (line.count)
        cidr_write(r.text, &r.network);
    return database_command(line.command, &r.database, line.action->run, &r);
}
