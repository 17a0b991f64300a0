#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#include "sys/http/places.h"

enum { BACKLOG = 1024 };

static int socket_for(int family, bool shared)
{
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1, off = 0;
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* its connections have it, too */
    if (shared)
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    return fd;
}

static int listen_on(const struct http_place *place, bool shared)
{
    struct sockaddr_storage address;
    socklen_t size = http_place_socket_address(place, &address);
    int fd = socket_for(address.ss_family, shared);
    if (fd < 0 || (bind(fd, (const struct sockaddr *)&address, size) == 0 && listen(fd, BACKLOG) == 0))
        return fd;
    int why = errno;
    close(fd);
    errno = why;
    return -1;
}

static bool has_no_ipv6(int fd)
{
    return fd < 0 && (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL);
}

/* The IPv6 socket of "::" takes IPv4 as well; some machines have no IPv6. */
static int open_listener(const struct http_place *place, bool shared)
{
    int fd = listen_on(place, shared);
    const struct http_place ipv4 = {.address = "0.0.0.0", .port = place->port};
    return has_no_ipv6(fd) && strcmp(place->address, "::") == 0 ? listen_on(&ipv4, shared) : fd;
}

static bool could_not_open(const struct http_place *place, struct err *err)
{
    return fail(err, "while opening %s, port %lld: %s%s", place->address, (long long)place->port, strerror(errno),
                errno == EADDRINUSE ? " (is another instance running?)" : "");
}

static bool is_ipv6_loopback(const struct http_place *place)
{
    return strcmp(place->address, "::1") == 0;
}

bool http_places_are_free(struct http_places *places, struct err *err)
{
    int kept = 0;
    for (int i = 0; i < places->count; i++) {
        int probe = open_listener(&places->list[i], false);
        if (has_no_ipv6(probe) && is_ipv6_loopback(&places->list[i]) && places->count > 1)
            continue;
        if (probe < 0)
            return could_not_open(&places->list[i], err);
        close(probe);
        places->list[kept++] = places->list[i];
    }
    places->count = kept;
    return true;
}

bool http_listen(const struct http_place *place, int *fd, struct err *err)
{
    *fd = open_listener(place, true);
    return *fd >= 0 || could_not_open(place, err);
}
