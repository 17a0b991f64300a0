#include "sys/db/silence.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "sys/db/hosts.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* The latest ones; a later note of a server takes its earlier one's place, else the oldest's. */
static struct note {
    char server[HOSTS_LABEL_SIZE];
    uint64_t since;
} notes[HOSTS_MAX];

void silence_note(const char *server, uint64_t since)
{
    pthread_mutex_lock(&lock);
    struct note *note = &notes[0];
    for (size_t i = 0; i < COUNT(notes) && strcmp(note->server, server) != 0; i++)
        if (notes[i].since < note->since || strcmp(notes[i].server, server) == 0)
            note = &notes[i];
    snprintf(note->server, sizeof note->server, "%s", server);
    note->since = since;
    pthread_mutex_unlock(&lock);
}

bool silence_since(const char *server, uint64_t heard)
{
    bool is_silent = false;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < COUNT(notes); i++)
        is_silent |= notes[i].since > heard && strcmp(notes[i].server, server) == 0;
    pthread_mutex_unlock(&lock);
    return is_silent;
}
