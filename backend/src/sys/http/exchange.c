#include "sys/http/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

struct exchange *exchange_of(struct http_request *request)
{
    return (struct exchange *)(void *)request;
}

static const struct exchange *exchange_in(const struct http_request *request)
{
    return (const struct exchange *)(const void *)request;
}

/* ---- the request ---- */

const char *const method_names[METHOD_OTHER + 1] = {"GET", "POST", "PUT", "DELETE", "OPTIONS", "OTHER"};

static enum method method_of(const char *text)
{
    if (strcmp(text, "HEAD") == 0)
        return METHOD_GET;
    enum method m = METHOD_GET;
    while (m < METHOD_OTHER && strcmp(text, method_names[m]) != 0)
        m++;
    return m;
}

/* An unknown one is a client's text, which may be anything. */
static const char *method_shown(const char *text)
{
    return *text && method_of(text) == METHOD_OTHER ? method_names[METHOD_OTHER] : text;
}

static bool has_body(const struct exchange *x)
{
    return x->head.is_chunked || x->head.length > 0;
}

struct exchange *exchange_new(struct connection *c, struct loop *loop, const char *head, size_t len)
{
    struct arena *arena = arena_new();
    struct exchange *x = arena_alloc(arena, sizeof *x);
    int wrong = head_read(&x->head, arena, head, len);
    x->connection = c;
    x->is_whole = !has_body(x);
    x->request = (struct http_request){.method = method_of(x->head.method),
                                       .method_text = method_shown(x->head.method),
                                       .path = x->head.path,
                                       .query = x->head.query,
                                       .body = "",
                                       .refused = wrong,
                                       .started = clock_ns(),
                                       .arena = arena,
                                       .loop = loop};
    return x;
}

const char *http_header(const struct http_request *request, const char *name)
{
    const struct field *f = head_find(&exchange_in(request)->head, name);
    return f ? f->value : NULL;
}

const char *http_header_list(struct http_request *request, const char *name)
{
    const struct head *head = &exchange_of(request)->head;
    const struct field *f = head_find(head, name);
    if (!f)
        return NULL;
    struct buf list = buf_new(request->arena);
    buf_str(&list, f->value);
    while ((f = head_find_next(head, f)))
        buf_printf(&list, ",%s", f->value);
    return list.text;
}

bool http_header_repeated(const struct http_request *request, const char *name)
{
    const struct head *head = &exchange_in(request)->head;
    const struct field *f = head_find(head, name);
    return f && head_find_next(head, f);
}

/* ---- its body ---- */

/* Doubles, so that a body in small pieces isn't copied each time, but holds no more than was
 * announced: whoever announces much and sends little has little memory. */
static size_t body_size_for(const struct exchange *x, size_t len)
{
    enum { FIRST_SIZE = 2048 };
    size_t need = x->request.body_len + len + 1;
    if (need <= x->body_size)
        return x->body_size;
    size_t size = MAX(MAX(x->body_size * 2, need), (size_t)FIRST_SIZE);
    return x->head.length ? MAX(MIN(size, (size_t)x->head.length + 1), need) : size;
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

/* ---- its answer ---- */

static const char *reason_of(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
        {505, "HTTP Version Not Supported"},
    };
    for (size_t i = 0; i < COUNT(reasons); i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return ""; /* RFC 9112, section 4: it may be empty */
}

static void add_line(struct buf *lines, const char *name, const char *value)
{
    buf_str(lines, name);
    buf_add(lines, ": ", 2);
    buf_str(lines, value);
    buf_add(lines, "\r\n", 2);
}

void http_add_header(struct http_request *request, const char *name, const char *value)
{
    struct exchange *x = exchange_of(request);
    INVARIANT(!value[strcspn(value, "\r\n")]); /* it would be another header's */
    if (!x->fields.text)
        x->fields = buf_new(request->arena);
    add_line(&x->fields, name, value);
}

bool http_is_answered(const struct http_request *request)
{
    return exchange_in(request)->status != 0;
}

static bool has_no_content(int status)
{
    return status == 204 || status == 304;
}

static void add_connection(struct buf *head, const struct exchange *x)
{
    if (x->is_last)
        add_line(head, "Connection", "close");
    else if (x->head.is_1_0)
        add_line(head, "Connection", "keep-alive");
}

/* An answer to HEAD has the length of GET's body, where that is known (RFC 9110, section 8.6). */
void exchange_begin_answer(struct exchange *x, const char *date)
{
    struct buf *head = &x->head_out;
    *head = buf_new(x->request.arena);
    buf_printf(head, "HTTP/1.1 %d %s\r\n", x->status, reason_of(x->status));
    add_line(head, "Date", date);
    add_connection(head, x);
    if (x->content_type)
        add_line(head, "Content-Type", x->content_type);
    if (x->stream.has_begun && !x->head.is_1_0)
        add_line(head, "Transfer-Encoding", "chunked");
    else if (x->body && !x->stream.has_begun && !has_no_content(x->status))
        buf_printf(head, "Content-Length: %zu\r\n", x->body_len);
    if (x->fields.text)
        buf_add(head, x->fields.text, x->fields.len);
    buf_add(head, "\r\n", 2);
    if (!x->body || has_no_content(x->status) || strcmp(x->head.method, "HEAD") == 0)
        x->body_len = 0;
}

int exchange_left(const struct exchange *x, struct iovec pieces[static 2])
{
    const struct {
        const char *bytes;
        size_t len;
    } parts[] = {{x->head_out.text, x->head_out.len}, {x->body, x->body_len}};
    int count = 0;
    size_t sent = x->sent;
    for (size_t i = 0; i < COUNT(parts); i++) {
        size_t skipped = MIN(sent, parts[i].len);
        sent -= skipped;
        if (parts[i].len > skipped)
            pieces[count++] = (struct iovec){(char *)(uintptr_t)parts[i].bytes + skipped, parts[i].len - skipped};
    }
    return count;
}
