#include "sys/http/crowd.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { KEY_SIZE = 16, BUCKETS = 4096 };

struct key {
    unsigned char bytes[KEY_SIZE];
};

struct client {
    struct client *next;
    struct key key;
    int connections; /* at least one */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct client *buckets[BUCKETS];
static uint64_t seed; /* so that nobody can choose networks of one bucket; 0: not drawn yet */

static struct key key_of(const struct sockaddr *address)
{
    enum { NETWORK_SIZE = 8 };
    static const unsigned char v4_mapped[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    struct key key = {0};
    if (address->sa_family == AF_INET) {
        memcpy(key.bytes, v4_mapped, sizeof v4_mapped);
        memcpy(key.bytes + sizeof v4_mapped, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
        return key;
    }
    const void *bytes = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
    bool is_mapped = memcmp(bytes, v4_mapped, sizeof v4_mapped) == 0;
    memcpy(key.bytes, bytes, is_mapped ? KEY_SIZE : NETWORK_SIZE);
    return key;
}

static struct client **bucket_of(const struct key *key)
{
    while (seed == 0)
        if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
            abort(); /* only for a kernel without it */
    uint64_t hash = seed;
    for (size_t i = 0; i < KEY_SIZE; i++)
        hash = (hash ^ key->bytes[i]) * UINT64_C(0x100000001B3);
    return &buckets[(hash ^ hash >> 32) % BUCKETS];
}

/* Where the client stands, or would stand at the end of its bucket. */
static struct client **client_at(const struct key *key)
{
    struct client **at = bucket_of(key);
    while (*at && memcmp(&(*at)->key, key, sizeof *key) != 0)
        at = &(*at)->next;
    return at;
}

static bool has_room(struct client *const *at, int most)
{
    return (*at ? (*at)->connections : 0) < most;
}

bool crowd_has_room(const struct sockaddr *address, int most)
{
    struct key key = key_of(address);
    pthread_mutex_lock(&lock);
    bool room = has_room(client_at(&key), most);
    pthread_mutex_unlock(&lock);
    return room;
}

bool crowd_enter(const struct sockaddr *address, int most)
{
    struct key key = key_of(address);
    pthread_mutex_lock(&lock);
    struct client **at = client_at(&key);
    bool room = has_room(at, most);
    if (room && !*at) {
        *at = must_calloc(1, sizeof **at);
        (*at)->key = key;
    }
    if (room)
        (*at)->connections++;
    pthread_mutex_unlock(&lock);
    return room;
}

void crowd_leave(const struct sockaddr *address)
{
    struct key key = key_of(address);
    pthread_mutex_lock(&lock);
    struct client **at = client_at(&key), *client = *at;
    INVARIANT(client);
    if (--client->connections == 0) {
        *at = client->next;
        free(client);
    }
    pthread_mutex_unlock(&lock);
}
