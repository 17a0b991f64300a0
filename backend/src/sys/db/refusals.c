#include "sys/db/refusals.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "sys/db/hosts.h"

enum { WANTED_SIZE = 16, NOTES_MAX = 2 * HOSTS_MAX }; /* connections for reads want another thing */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct note {
    char server[HOSTS_LABEL_SIZE], wanted[WANTED_SIZE];
    const char *why;
    uint64_t until; /* clock_ns */
} notes[NOTES_MAX];

static bool is_of(const struct note *note, const char *server, const char *wanted)
{
    return strcmp(note->server, server) == 0 && strcmp(note->wanted, wanted) == 0;
}

/* Its own, else the one that is over first. */
static struct note *place_of(const char *server, const char *wanted)
{
    struct note *place = &notes[0];
    for (size_t i = 0; i < COUNT(notes); i++) {
        if (is_of(&notes[i], server, wanted))
            return &notes[i];
        if (notes[i].until < place->until)
            place = &notes[i];
    }
    return place;
}

void refusal_note(const char *server, const char *wanted, const char *why)
{
    pthread_mutex_lock(&lock);
    struct note *note = place_of(server, wanted);
    snprintf(note->server, sizeof note->server, "%s", server);
    snprintf(note->wanted, sizeof note->wanted, "%s", wanted);
    note->why = why;
    note->until = clock_ns() + REFUSAL_MS * NS_PER_MS;
    pthread_mutex_unlock(&lock);
}

const char *refusal_lately(const char *server, const char *wanted)
{
    pthread_mutex_lock(&lock);
    const struct note *note = place_of(server, wanted);
    bool is_fresh = is_of(note, server, wanted) && clock_ns() < note->until;
    const char *why = is_fresh ? note->why : NULL;
    pthread_mutex_unlock(&lock);
    return why;
}
