#include "canned_server.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct server_own {
    pthread_t thread;
    int listener;
    struct step steps[MAX_STEPS];
    int step_count;
};

static bool read_request(int fd, char *text)
{
    size_t len = 0, whole = SIZE_MAX;
    while (len < whole) {
        ssize_t n = recv(fd, text + len, REQUEST_SIZE - 1 - len, 0);
        if (n <= 0)
            return false;
        len += (size_t)n;
        text[len] = '\0';
        const char *end = strstr(text, "\r\n\r\n"), *length = strstr(text, "Content-Length: ");
        if (end && length)
            whole = (size_t)(end + 4 - text) + strtoul(length + strlen("Content-Length: "), NULL, 10);
    }
    return true;
}

static bool send_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

/* False: the connection ends. A cut answer promises more than it brings. */
static bool play(int fd, const struct step *step)
{
    char head[512], blanks[4096];
    const char *body = step->body ? step->body : "{}";
    size_t len = strlen(body) + step->padding + (step->how == CUT ? 10 : 0);
    if (step->how == CLOSE)
        return false;
    if (step->how == HANG)
        return recv(fd, head, 1, 0) > 0;
    int n = snprintf(head, sizeof head, "HTTP/1.1 %d Scripted\r\nContent-Length: %zu\r\n%s%s\r\n", step->status, len,
                     step->header ? step->header : "", step->header ? "\r\n" : "");
    memset(blanks, ' ', sizeof blanks);
    bool open = send_all(fd, head, (size_t)n) && send_all(fd, body, strlen(body));
    for (size_t left = step->padding; open && left > 0; left -= MIN(left, sizeof blanks))
        open = send_all(fd, blanks, MIN(left, sizeof blanks));
    return open && step->how == SEND;
}

static void *serve(void *ctx)
{
    struct server *server = ctx;
    const struct server_own *own = server->own;
    for (int fd; (fd = accept(own->listener, NULL, NULL)) >= 0; close(fd)) {
        server->connections++;
        while (read_request(fd, server->last)) {
            int number = server->requests++;
            if (!play(fd, &own->steps[MIN(number, own->step_count - 1)]))
                break;
        }
    }
    return NULL;
}

int steps_count(const struct step *steps)
{
    int count = 1;
    while (count < MAX_STEPS && (steps[count].how || steps[count].status))
        count++;
    return count;
}

struct server *server_start(const struct step *steps, int count)
{
    struct server *server = must_calloc(1, sizeof *server);
    struct server_own *own = server->own = must_calloc(1, sizeof *own);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr *any = (struct sockaddr *)&address;
    socklen_t size = sizeof address;
    own->step_count = count;
    memcpy(own->steps, steps, (size_t)count * sizeof *steps);
    own->listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(own->listener, any, size) != 0 || listen(own->listener, 16) != 0 ||
        getsockname(own->listener, any, &size) != 0)
        abort();
    snprintf(server->url, sizeof server->url, "http://127.0.0.1:%d", ntohs(address.sin_port));
    if (pthread_create(&own->thread, NULL, serve, server) != 0)
        abort();
    return server;
}

void server_stop(struct server *server)
{
    struct server_own *own = server->own;
    shutdown(own->listener, SHUT_RDWR);
    pthread_join(own->thread, NULL);
    close(own->listener);
    free(own);
    free(server);
}
