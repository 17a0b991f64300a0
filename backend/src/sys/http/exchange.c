#include "sys/http/exchange.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct exchange *exchange_of(struct http_request *request)
{
    return (struct exchange *)(void *)request;
}

const char *const method_names[METHOD_OTHER + 1] = {"GET", "POST", "PUT", "DELETE", "OPTIONS", "OTHER"};

struct exchange *exchange_new(struct loop *loop, const char *uri, uint64_t started, uint64_t deadline)
{
    struct arena *arena = arena_new();
    struct exchange *x = arena_alloc(arena, sizeof *x);
    size_t path_len = strcspn(uri, "?");
    x->request = (struct http_request){
        .method = METHOD_OTHER, .arena = arena, .loop = loop, .started = started, .deadline = deadline, .body = ""};
    x->request.path = arena_copy(arena, uri, path_len);
    x->request.query = uri[path_len] ? arena_strdup(arena, uri + path_len + 1) : "";
    return x;
}

void exchange_set_method(struct exchange *x, const char *method)
{
    enum method m = METHOD_GET;
    if (strcmp(method, "HEAD") != 0)
        while (m < METHOD_OTHER && strcmp(method, method_names[m]) != 0)
            m++;
    x->request.method = m;
    x->request.method_text = arena_strdup(x->request.arena, method);
}

/* ---- framing (RFC 9112, sections 5.1 and 6) ---- */

struct framing {
    int headers, lengths, encodings, hosts;
    bool malformed;
    uint64_t length;
};

static bool read_length(const char *value, uint64_t *length)
{
    enum { MOST_DIGITS = 18 };
    size_t digits = strspn(value, "0123456789");
    if (digits == 0 || digits > MOST_DIGITS || value[digits])
        return false;
    *length = 0;
    for (; *value; value++)
        *length = *length * 10 + (uint64_t)(*value - '0');
    return true;
}

static bool is_token(const char *name)
{
    for (; *name; name++)
        if (!isalnum((unsigned char)*name) && !strchr("!#$%&'*+-.^_`|~", *name))
            return false;
    return true;
}

static enum MHD_Result look_at_header(void *ctx, enum MHD_ValueKind kind, const char *name, const char *value)
{
    (void)kind;
    struct framing *f = ctx;
    value = value ? value : "";
    f->headers++;
    f->malformed |= !is_token(name);
    f->hosts += strcasecmp(name, "Host") == 0;
    if (strcasecmp(name, "Content-Length") == 0) {
        f->lengths++;
        f->malformed |= !read_length(value, &f->length);
    }
    if (strcasecmp(name, "Transfer-Encoding") == 0) {
        f->encodings++;
        f->malformed |= strcasecmp(value, "chunked") != 0;
    }
    return MHD_YES;
}

/* Host is looked for here, as the library answers its absence with two headers in a row
 * (0.9.75). */
int exchange_check_framing(struct exchange *x, struct MHD_Connection *mhd, const char *version)
{
    enum { MAX_HEADERS = 100 }; /* more would leave no memory for the answer's */
    struct framing f = {0};
    MHD_get_connection_values(mhd, MHD_HEADER_KIND, look_at_header, &f);
    x->announced = f.length;
    x->has_body = f.length > 0 || f.encodings > 0;
    bool needs_host = strcmp(version, MHD_HTTP_VERSION_1_1) == 0;
    if (f.malformed || f.lengths + f.encodings > 1 || f.hosts > 1 || f.hosts < needs_host ||
        strchr(x->request.path, ' '))
        return 400;
    return f.headers > MAX_HEADERS ? 431 : 0;
}

/* Doubles, so that a body in small pieces isn't copied each time, but holds no more than was
 * announced: whoever announces much and sends little has little memory. */
static size_t body_size_for(const struct exchange *x, size_t len)
{
    enum { FIRST_SIZE = 2048 };
    size_t need = x->request.body_len + len + 1;
    if (need <= x->body_size)
        return x->body_size;
    size_t size = MAX(MAX(x->body_size * 2, need), (size_t)FIRST_SIZE);
    return x->announced ? MAX(MIN(size, (size_t)x->announced + 1), need) : size;
}

size_t exchange_body_growth(const struct exchange *x, size_t len)
{
    return body_size_for(x, len) - x->body_size;
}

static void free_body(void *ctx)
{
    struct exchange *x = ctx;
    free(x->body_in);
}

void exchange_add_body(struct exchange *x, const char *data, size_t len)
{
    struct http_request *request = &x->request;
    if (!x->body_in)
        arena_defer(request->arena, free_body, x);
    size_t size = body_size_for(x, len);
    if (size > x->body_size)
        request->body = x->body_in = must_realloc(x->body_in, x->body_size = size);
    memcpy(x->body_in + request->body_len, data, len);
    request->body_len += len;
    x->body_in[request->body_len] = '\0';
}

/* ---- answers ---- */

void http_add_header(struct http_request *request, const char *name, const char *value)
{
    struct exchange *x = exchange_of(request);
    if (x->header_count == MAX_ANSWER_HEADERS)
        return;
    x->headers[x->header_count].name = name;
    x->headers[x->header_count++].value = value;
}

bool http_is_answered(const struct http_request *request)
{
    return ((const struct exchange *)(const void *)request)->status != 0;
}

static ssize_t give_nothing(void *ctx, uint64_t at, char *room, size_t size)
{
    (void)ctx, (void)at, (void)room, (void)size;
    return MHD_CONTENT_READER_END_OF_STREAM;
}

/* Without a Content-Length, which would be that of a GET's answer. The connection ends with it:
 * libmicrohttpd would chunk it otherwise, and then sends the last chunk, which no answer to a HEAD
 * has. */
static struct MHD_Response *response_of_unknown_length(void)
{
    struct MHD_Response *response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 1, give_nothing, NULL, NULL);
    if (response && MHD_set_response_options(response, MHD_RF_HTTP_VERSION_1_0_ONLY, MHD_RO_END) != MHD_YES)
        abort(); /* only for a flag that it doesn't know */
    return response;
}

/* The body lives in the arena until the request has ended, which is after the library let go of
 * it. */
static struct MHD_Response *response_with_body(const struct exchange *x)
{
    union {
        const char *in;
        void *out;
    } body = {.in = x->body};
    return MHD_create_response_from_buffer(x->body_len, body.out, MHD_RESPMEM_PERSISTENT);
}

struct MHD_Response *exchange_as_response(struct exchange *x, bool close)
{
    struct MHD_Response *response = x->body ? response_with_body(x) : response_of_unknown_length();
    if (!response)
        abort(); /* only for want of memory */
    if (x->content_type)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, x->content_type);
    for (int i = 0; i < x->header_count; i++)
        MHD_add_response_header(response, x->headers[i].name, x->headers[i].value);
    if (close)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    return response;
}

struct buf exchange_as_text(struct exchange *x)
{
    struct buf text = buf_new(x->request.arena);
    buf_printf(&text, "HTTP/1.1 %d %s\r\nConnection: close\r\nContent-Length: %zu\r\n", x->status,
               MHD_get_reason_phrase_for((unsigned)x->status), x->body_len);
    if (x->content_type)
        buf_printf(&text, "Content-Type: %s\r\n", x->content_type);
    for (int i = 0; i < x->header_count; i++)
        buf_printf(&text, "%s: %s\r\n", x->headers[i].name, x->headers[i].value);
    buf_str(&text, "\r\n");
    buf_add(&text, x->body ? x->body : "", x->body_len);
    return text;
}

/* ---- what came in ---- */

const char *http_header(const struct http_request *request, const char *name)
{
    const struct exchange *x = (const struct exchange *)(const void *)request;
    return MHD_lookup_connection_value(x->mhd, MHD_HEADER_KIND, name);
}

struct header_list {
    const char *name;
    struct buf members;
    bool found;
};

static enum MHD_Result add_to_list(void *ctx, enum MHD_ValueKind kind, const char *name, const char *value)
{
    (void)kind;
    struct header_list *list = ctx;
    if (strcasecmp(name, list->name) != 0)
        return MHD_YES;
    buf_printf(&list->members, "%s%s", list->found ? "," : "", value ? value : "");
    list->found = true;
    return MHD_YES;
}

const char *http_header_list(struct http_request *request, const char *name)
{
    struct header_list list = {.name = name, .members = buf_new(request->arena)};
    MHD_get_connection_values(exchange_of(request)->mhd, MHD_HEADER_KIND, add_to_list, &list);
    return list.found ? list.members.text : NULL;
}

struct repeated {
    const char *name;
    int count;
};

static enum MHD_Result count_header(void *ctx, enum MHD_ValueKind kind, const char *name, const char *value)
{
    (void)kind, (void)value;
    struct repeated *repeated = ctx;
    repeated->count += strcasecmp(name, repeated->name) == 0;
    return MHD_YES;
}

bool http_header_repeated(const struct http_request *request, const char *name)
{
    const struct exchange *x = (const struct exchange *)(const void *)request;
    struct repeated repeated = {.name = name};
    MHD_get_connection_values(x->mhd, MHD_HEADER_KIND, count_header, &repeated);
    return repeated.count > 1;
}

const char *peer_text(char out[static PEER_SIZE], const struct sockaddr *address)
{
    const void *bytes = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
    if (address->sa_family == AF_INET)
        bytes = &((const struct sockaddr_in *)(const void *)address)->sin_addr;
    if (!inet_ntop(address->sa_family, bytes, out, PEER_SIZE))
        return "";
    static const char mapped[] = "::ffff:"; /* an IPv4 peer on the dual socket */
    bool is_mapped = strncmp(out, mapped, sizeof mapped - 1) == 0 && strchr(out, '.');
    return is_mapped ? out + sizeof mapped - 1 : out;
}

const char *http_peer(const struct http_request *request)
{
    const struct exchange *x = (const struct exchange *)(const void *)request;
    char *text = arena_alloc(request->arena, PEER_SIZE);
    return peer_text(text, MHD_get_connection_info(x->mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr);
}
