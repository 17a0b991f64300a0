/* Where servers of this process listen: an address and a port each. */
#ifndef PW_SYS_HTTP_PLACES_H
#define PW_SYS_HTTP_PLACES_H

#include <sys/socket.h>

#include "base/arena.h"

enum { HTTP_PLACES_MAX = 4, HTTP_ADDRESS_SIZE = 46 };

struct http_place {
    char address[HTTP_ADDRESS_SIZE]; /* "127.0.0.1", "::1"; "::" is every address, IPv4's too */
    int64_t port;
};

struct http_places {
    struct http_place list[HTTP_PLACES_MAX];
    int count;
};

/* Reads addresses, separated by commas or blanks, each for the same port. NULL, or why they can't
 * be read: "must be …". */
const char *http_places_read(const char *addresses, int64_t port, struct http_places *);
/* "127.0.0.1:9100", "[::]:9100". NULL, or why it can't be read. */
const char *http_place_read(const char *text, struct http_place *);

/* As bind and connect want it; the size. A place of every address is connected to on this
 * machine. */
socklen_t http_place_socket_address(const struct http_place *, struct sockaddr_storage *);

/* How this machine reaches the places: "http://localhost:8080", or the first of them by its
 * address. */
const char *http_places_url(struct arena *, const struct http_places *);

/* Whether nobody listens there: SO_REUSEPORT, by which threads share a place, would share it with
 * another process, too. Leaves ::1 out of several places where the machine has no IPv6. */
bool http_places_are_free(struct http_places *, struct err *err) MUST_CHECK;
/* A listening socket, shared among threads; ask http_places_are_free first. */
bool http_listen(const struct http_place *, int *fd, struct err *err) MUST_CHECK;

#endif
