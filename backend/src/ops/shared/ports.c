#include "ops/shared/ports.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Reads to the end, as a close before it would look like a broken connection to the server. */
static bool answer_is_ok(int fd)
{
    char answer[2048];
    size_t used = 0;
    for (ssize_t got = 1; got > 0 && used < sizeof answer; used += (size_t)MAX(got, 0))
        got = recv(fd, answer + used, sizeof answer - used, 0);
    static const char ok[] = "HTTP/1.1 200 ";
    return used >= sizeof ok - 1 && memcmp(answer, ok, sizeof ok - 1) == 0;
}

bool port_is_ready(const struct http_place *place)
{
    static const char request[] = "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    struct sockaddr_storage address;
    socklen_t size = http_place_socket_address(place, &address);
    const struct timeval patience = {.tv_sec = 2};
    int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    bool ready = connect(fd, (const struct sockaddr *)&address, size) == 0 &&
                 send(fd, request, sizeof request - 1, MSG_NOSIGNAL) == (ssize_t)(sizeof request - 1) &&
                 answer_is_ok(fd);
    close(fd);
    return ready;
}
