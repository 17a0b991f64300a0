#include "sys/curl/http_client.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/arena.h"
#include "base/buf.h"
#include "sys/curl/library.h"

struct http_client {
    struct loop *loop;
    CURLM *multi;
    struct timer *timer;
    LIST_HEAD(, http_call) calls;
};

struct http_call {
    LIST_ENTRY(http_call) link;
    struct http_client *client;
    CURL *easy;
    struct curl_slist *headers;
    http_call_done *done;
    bool (*take)(void *ctx, const char *bytes, size_t len);
    void *ctx;
    struct arena *arena;
    struct buf body;
    size_t answer_max, taken;
    bool too_long;
    char problem[CURL_ERROR_SIZE];
};

struct socket {
    struct http_client *client;
    curl_socket_t fd;
    struct fd_watch *watch;
};

static void http_call_end(struct http_call *call, CURLcode code);

/* Callbacks run here, after libcurl has returned, where they may start and cancel calls. */
static void curl_act(struct http_client *client, curl_socket_t fd, int events)
{
    int left;
    curl_lib.multi_socket_action(client->multi, fd, events, &left);
    for (const CURLMsg *msg; (msg = curl_lib.multi_info_read(client->multi, &left));) {
        struct http_call *call = NULL;
        curl_must(msg->msg == CURLMSG_DONE &&
                  curl_lib.easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &call) == CURLE_OK);
        http_call_end(call, msg->data.result);
    }
}

static void on_socket_ready(void *ctx, int ready)
{
    const struct socket *socket = ctx;
    curl_act(socket->client, socket->fd,
             (ready & WATCH_READ ? CURL_CSELECT_IN : 0) | (ready & WATCH_WRITE ? CURL_CSELECT_OUT : 0));
}

static struct socket *socket_new(struct http_client *client, curl_socket_t fd)
{
    struct socket *socket = must_alloc(sizeof *socket);
    *socket = (struct socket){.client = client, .fd = fd};
    socket->watch = fd_watch_new(client->loop, fd, on_socket_ready, socket);
    curl_lib.multi_assign(client->multi, fd, socket);
    return socket;
}

static int on_socket_wanted(CURL *easy, curl_socket_t fd, int what, void *ctx, void *known)
{
    (void)easy;
    struct socket *socket = known;
    if (what == CURL_POLL_REMOVE) {
        if (socket)
            fd_watch_free(socket->watch);
        free(socket);
        return 0;
    }
    if (!socket)
        socket = socket_new(ctx, fd);
    fd_watch_set(socket->watch, (what & CURL_POLL_IN ? WATCH_READ : 0) | (what & CURL_POLL_OUT ? WATCH_WRITE : 0));
    return 0;
}

static int on_timer_wanted(CURLM *multi, long after_ms, void *ctx)
{
    (void)multi;
    struct http_client *client = ctx;
    if (after_ms < 0)
        timer_stop(client->timer);
    else
        timer_set(client->timer, (uint64_t)after_ms);
    return 0;
}

static void curl_on_timer(void *ctx)
{
    curl_act(ctx, CURL_SOCKET_TIMEOUT, 0);
}

struct http_client *http_client_open(struct loop *loop, int kept, struct err *err)
{
    if (!curl_load(err))
        return NULL;
    struct http_client *client = must_alloc(sizeof *client);
    *client = (struct http_client){.loop = loop, .multi = curl_lib.multi_init()};
    client->timer = timer_new(loop, curl_on_timer, client);
    LIST_INIT(&client->calls);
    CURLM *multi = client->multi;
    curl_must(multi && curl_lib.multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket_wanted) == CURLM_OK &&
              curl_lib.multi_setopt(multi, CURLMOPT_SOCKETDATA, client) == CURLM_OK &&
              curl_lib.multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer_wanted) == CURLM_OK &&
              curl_lib.multi_setopt(multi, CURLMOPT_TIMERDATA, client) == CURLM_OK &&
              curl_lib.multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)kept) == CURLM_OK);
    return client;
}

void http_client_close(struct http_client *client)
{
    if (!client)
        return;
    while (!LIST_EMPTY(&client->calls))
        http_call_cancel(LIST_FIRST(&client->calls));
    curl_lib.multi_cleanup(client->multi);
    timer_free(client->timer);
    free(client);
}

static int http_call_status(const struct http_call *call)
{
    long status = 0;
    curl_lib.easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    return (int)status;
}

/* Whether the caller takes the bytes itself. */
static bool is_taken(struct http_call *call, const char *bytes, size_t len)
{
    if (!call->take || http_call_status(call) / 100 != 2 || !call->take(call->ctx, bytes, len))
        return false;
    call->taken += len;
    return true;
}

static size_t on_body(char *bytes, size_t one, size_t len, void *ctx)
{
    (void)one;
    enum { TAKEN_TIMES = 16 };
    struct http_call *call = ctx;
    bool taken = is_taken(call, bytes, len);
    call->too_long = taken ? call->taken > TAKEN_TIMES * call->answer_max : len > call->answer_max - call->body.len;
    if (call->too_long)
        return CURL_WRITEFUNC_ERROR;
    if (!taken)
        buf_add(&call->body, bytes, len);
    return len;
}

static bool is_loopback(const char *url)
{
    static const char *const hosts[] = {"localhost", "127.", "[::1]"};
    const char *scheme_end = strstr(url, "://");
    for (size_t i = 0; scheme_end && i < COUNT(hosts); i++)
        if (strncasecmp(scheme_end + 3, hosts[i], strlen(hosts[i])) == 0)
            return true;
    return false;
}

/* QUICK_EXIT: without it a call that ends during its name lookup would block the loop until the
 * resolver gives up. HTTP/1.1: a call that times out closes its connection. On HTTP/2 all calls
 * share one, which stays in use though the other end is dead. No CAPATH: with it (Debian's
 * default, beside the bundle with the same certificates) libcurl reads the bundle anew for each
 * connection instead of once a day: 64 new connections then block the loop for 3 s and take 60
 * MiB. */
static void set_options(struct http_call *call, const struct http_ask *ask)
{
    static const struct {
        CURLoption option;
        long value;
    } fixed[] = {{CURLOPT_NOSIGNAL, 1},
                 {CURLOPT_QUICK_EXIT, 1},
                 {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1},
                 {CURLOPT_FOLLOWLOCATION, 0}};
    const struct {
        CURLoption option;
        const void *value;
    } pointers[] = {{CURLOPT_PROTOCOLS_STR, "http,https"},
                    {CURLOPT_CAPATH, NULL},
                    {CURLOPT_USERAGENT, "personaworlds"},
                    {CURLOPT_ACCEPT_ENCODING, ""}, /* all that libcurl can decode; some encode unasked */
                    {CURLOPT_URL, ask->url},
                    {CURLOPT_HTTPHEADER, call->headers},
                    {CURLOPT_WRITEDATA, call},
                    {CURLOPT_PRIVATE, call},
                    {CURLOPT_ERRORBUFFER, call->problem}};
    CURL *easy = call->easy;
    for (size_t i = 0; i < COUNT(fixed); i++)
        curl_must(curl_lib.easy_setopt(easy, fixed[i].option, fixed[i].value) == CURLE_OK);
    for (size_t i = 0; i < COUNT(pointers); i++)
        curl_must(curl_lib.easy_setopt(easy, pointers[i].option, pointers[i].value) == CURLE_OK);
    curl_must(curl_lib.easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK);
    curl_must(curl_lib.easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)MIN(MAX(ask->timeout_ms, 1), INT32_MAX)) ==
              CURLE_OK);
    if (is_loopback(ask->url))
        curl_must(curl_lib.easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK);
}

static void set_body(CURL *easy, const struct http_ask *ask)
{
    curl_must(curl_lib.easy_setopt(easy, CURLOPT_POST, 1L) == CURLE_OK &&
              curl_lib.easy_setopt(easy, CURLOPT_POSTFIELDS, ask->body) == CURLE_OK &&
              curl_lib.easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)ask->body_len) == CURLE_OK);
}

static struct curl_slist *add_header(struct curl_slist *list, const char *line)
{
    list = curl_lib.slist_append(list, line);
    curl_must(list);
    return list;
}

struct http_call *http_client_ask(struct http_client *client, const struct http_ask *ask, http_call_done *done,
                                  void *ctx)
{
    struct arena *arena = arena_new();
    struct http_call *call = arena_alloc(arena, sizeof *call);
    *call = (struct http_call){.client = client,
                               .easy = curl_lib.easy_init(),
                               .done = done,
                               .take = ask->take,
                               .ctx = ctx,
                               .arena = arena,
                               .body = buf_new(arena),
                               .answer_max = ask->answer_max};
    curl_must(call->easy);
    if (ask->body)
        call->headers = add_header(NULL, "Content-Type: application/json");
    for (const char *const *line = ask->headers; line && *line; line++)
        call->headers = add_header(call->headers, *line);
    set_options(call, ask);
    if (ask->body)
        set_body(call->easy, ask);
    LIST_INSERT_HEAD(&client->calls, call, link);
    curl_must(curl_lib.multi_add_handle(client->multi, call->easy) == CURLM_OK);
    return call;
}

static void http_call_free(struct http_call *call)
{
    curl_lib.easy_cleanup(call->easy);
    curl_lib.slist_free_all(call->headers);
    arena_free(call->arena);
}

static void http_call_detach(struct http_call *call)
{
    LIST_REMOVE(call, link);
    curl_lib.multi_remove_handle(call->client->multi, call->easy);
}

void http_call_cancel(struct http_call *call)
{
    http_call_detach(call);
    http_call_free(call);
}

static const char *header(struct http_call *call, const char *name)
{
    struct curl_header *found;
    if (curl_lib.easy_header(call->easy, name, 0, CURLH_HEADER, -1, &found) != CURLHE_OK)
        return NULL;
    return arena_strdup(call->arena, found->value);
}

static const char *problem(const struct http_call *call, CURLcode code)
{
    if (code == CURLE_OK)
        return NULL;
    if (call->too_long)
        return "answer too long";
    return *call->problem ? call->problem : curl_lib.easy_strerror(code);
}

static bool is_tls_fault(CURLcode code)
{
    static const CURLcode faults[] = {CURLE_SSL_CONNECT_ERROR,        CURLE_PEER_FAILED_VERIFICATION,
                                      CURLE_SSL_CERTPROBLEM,          CURLE_SSL_CIPHER,
                                      CURLE_SSL_CACERT_BADFILE,       CURLE_SSL_ISSUER_ERROR,
                                      CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS};
    for (size_t i = 0; i < COUNT(faults); i++)
        if (faults[i] == code)
            return true;
    return false;
}

static void http_call_end(struct http_call *call, CURLcode code)
{
    curl_off_t ready_us = 0; /* from the start to a connection that a request can be sent on */
    curl_lib.easy_getinfo(call->easy, CURLINFO_PRETRANSFER_TIME_T, &ready_us);
    struct http_reply reply = {
        .outcome = code == CURLE_OK                   ? HTTP_ANSWERED
                   : code == CURLE_OPERATION_TIMEDOUT ? HTTP_TIMED_OUT
                                                      : HTTP_BROKEN,
        .status = http_call_status(call),
        .is_connected = ready_us > 0,
        .is_tls_fault = is_tls_fault(code),
        .body = call->body.text,
        .body_len = call->body.len,
        .retry_after = header(call, "Retry-After"),
        .retry_after_ms = header(call, "retry-after-ms"),
        .date = header(call, "Date"),
        .problem = problem(call, code),
    };
    http_call_detach(call);
    call->done(call->ctx, &reply);
    http_call_free(call);
}
