#include "domain/turns.h"

#include <stdlib.h>
#include <string.h>

struct turn_client { /* one that has something waiting */
    TAILQ_ENTRY(turn_client) clients;
    TAILQ_HEAD(turn_list, turn) turns;
    int count;
    char *name;
};

struct turns {
    TAILQ_HEAD(, turn_client) clients; /* who is next stands first */
    int count, limit;
};

struct turns *turns_new(int limit)
{
    struct turns *turns = must_calloc(1, sizeof *turns);
    TAILQ_INIT(&turns->clients);
    turns->limit = limit;
    return turns;
}

void turns_free(struct turns *turns)
{
    INVARIANT(TAILQ_EMPTY(&turns->clients));
    free(turns);
}

static struct turn_client *client_named(const struct turns *turns, const char *name)
{
    struct turn_client *client;
    TAILQ_FOREACH (client, &turns->clients, clients)
        if (strcmp(client->name, name) == 0)
            return client;
    return NULL;
}

static struct turn_client *client_add(struct turns *turns, const char *name)
{
    struct turn_client *client = must_calloc(1, sizeof *client);
    TAILQ_INIT(&client->turns);
    client->name = must_strdup(name);
    TAILQ_INSERT_TAIL(&turns->clients, client, clients);
    return client;
}

static struct turn_client *client_with_most(const struct turns *turns)
{
    struct turn_client *most = TAILQ_FIRST(&turns->clients), *client;
    TAILQ_FOREACH (client, &turns->clients, clients)
        if (client->count > most->count)
            most = client;
    return most;
}

/* A client that has nothing left is forgotten. */
static void turn_remove(struct turns *turns, struct turn *turn)
{
    struct turn_client *client = turn->client;
    INVARIANT_LINKED(turn, turns);
    TAILQ_REMOVE(&client->turns, turn, turns);
    turn->client = NULL;
    client->count--;
    turns->count--;
    if (client->count > 0)
        return;
    TAILQ_REMOVE(&turns->clients, client, clients);
    free(client->name);
    free(client);
}

bool turns_are_full_for(const struct turns *turns, const char *name)
{
    if (turns->count < turns->limit)
        return false;
    const struct turn_client *client = client_named(turns, name), *most = client_with_most(turns);
    return !most || (client ? client->count : 0) + 1 >= most->count;
}

struct turn *turns_add(struct turns *turns, struct turn *turn, const char *name)
{
    struct turn *displaced = NULL;
    if (turns_are_full_for(turns, name))
        return turn;
    if (turns->count >= turns->limit) {
        displaced = TAILQ_LAST(&client_with_most(turns)->turns, turn_list);
        turn_remove(turns, displaced);
    }
    struct turn_client *client = client_named(turns, name);
    client = client ? client : client_add(turns, name);
    turn->client = client;
    TAILQ_INSERT_TAIL(&client->turns, turn, turns);
    client->count++;
    turns->count++;
    return displaced;
}

struct turn *turns_take(struct turns *turns)
{
    struct turn_client *client = TAILQ_FIRST(&turns->clients);
    if (!client)
        return NULL;
    TAILQ_REMOVE(&turns->clients, client, clients);
    TAILQ_INSERT_TAIL(&turns->clients, client, clients);
    struct turn *turn = TAILQ_FIRST(&client->turns);
    turn_remove(turns, turn);
    return turn;
}
