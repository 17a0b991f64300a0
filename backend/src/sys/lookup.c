#include "sys/lookup.h"

#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ADDRESSES_MAX = 4, ADDRESS_SIZE = 64 };

struct lookup {
    atomic_int owners; /* who asked, and the thread: the last one frees it */
    int done;          /* an event, for the loop */
    char *host;
    atomic_bool has_answer; /* what follows was written */
    char addresses[ADDRESSES_MAX * ADDRESS_SIZE];
    const char *why; /* a text of the C library, or of ours */
};

static void lookup_let_go(struct lookup *lookup)
{
    if (atomic_fetch_sub(&lookup->owners, 1) > 1)
        return;
    close(lookup->done);
    free(lookup->host);
    free(lookup);
}

static void lookup_run(struct lookup *lookup)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int failed = getaddrinfo(lookup->host, NULL, &hints, &found);
    size_t len = 0;
    for (const struct addrinfo *a = found; a && len + ADDRESS_SIZE < sizeof lookup->addresses; a = a->ai_next) {
        char address[ADDRESS_SIZE];
        if (getnameinfo(a->ai_addr, a->ai_addrlen, address, sizeof address, NULL, 0, NI_NUMERICHOST) == 0)
            len += (size_t)snprintf(lookup->addresses + len, sizeof lookup->addresses - len, "%s%s", len ? "," : "",
                                    address);
    }
    lookup->why = failed ? gai_strerror(failed) : "no address";
    if (found)
        freeaddrinfo(found);
}

static void lookup_end(struct lookup *lookup)
{
    atomic_store(&lookup->has_answer, true);
    eventfd_write(lookup->done, 1);
    lookup_let_go(lookup);
}

static void *lookup_thread(void *ctx)
{
    lookup_run(ctx);
    lookup_end(ctx);
    return NULL;
}

struct lookup *lookup_start(const char *host)
{
    struct lookup *lookup = must_calloc(1, sizeof *lookup);
    *lookup = (struct lookup){.owners = 2, .done = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), .host = must_strdup(host)};
    INVARIANT(lookup->done >= 0);
    pthread_t thread;
    if (pthread_create(&thread, NULL, lookup_thread, lookup) == 0) {
        pthread_detach(thread);
    } else {
        lookup->why = "no thread for it";
        lookup_end(lookup);
    }
    return lookup;
}

int lookup_fd(const struct lookup *lookup)
{
    return lookup->done;
}

const char *lookup_addresses(const struct lookup *lookup, const char **why)
{
    INVARIANT(atomic_load(&lookup->has_answer));
    *why = lookup->why;
    return *lookup->addresses ? lookup->addresses : NULL;
}

void lookup_free(struct lookup *lookup)
{
    if (lookup)
        lookup_let_go(lookup);
}
