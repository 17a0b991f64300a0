#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys/http/http.h"

enum { BACKLOG = 1024 };

static int socket_for(int family, bool shared)
{
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1, off = 0;
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (shared)
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    return fd;
}

static bool bind_to(int fd, int family, int64_t port)
{
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port), .sin6_addr = in6addr_any};
    struct sockaddr_in four = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {.s_addr = htonl(INADDR_ANY)}};
    const struct sockaddr *address =
        family == AF_INET6 ? (const struct sockaddr *)(const void *)&six : (const struct sockaddr *)(const void *)&four;
    return bind(fd, address, family == AF_INET6 ? sizeof six : sizeof four) == 0 && listen(fd, BACKLOG) == 0;
}

static int listen_on(int family, int64_t port, bool shared)
{
    int fd = socket_for(family, shared);
    if (fd < 0 || bind_to(fd, family, port))
        return fd;
    int why = errno;
    close(fd);
    errno = why;
    return -1;
}

/* An IPv6 socket takes IPv4 as well; some machines have no IPv6. */
static int open_listener(int64_t port, bool shared)
{
    int fd = listen_on(AF_INET6, port, shared);
    bool no_ipv6 = fd < 0 && (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL);
    return no_ipv6 ? listen_on(AF_INET, port, shared) : fd;
}

static bool could_not_open(int64_t port, struct err *err)
{
    return fail(err, "while opening port %lld: %s%s", (long long)port, strerror(errno),
                errno == EADDRINUSE ? " (is another instance running?)" : "");
}

/* SO_REUSEPORT would also let a second instance in, so the port is tried once without it. */
bool http_port_is_free(int64_t port, struct err *err)
{
    int probe = open_listener(port, false);
    if (probe < 0)
        return could_not_open(port, err);
    close(probe);
    return true;
}

bool http_listen(int64_t port, int *fd, struct err *err)
{
    *fd = open_listener(port, true);
    return *fd >= 0 || could_not_open(port, err);
}
