#include "service/metrics_page.h"

#include "base/buf.h"
#include "sys/gzip.h"
#include "sys/http/accept.h"
#include "sys/metrics.h"

struct metrics_page metrics_page(struct http_request *http)
{
    struct buf page = buf_new(http->arena);
    const char *pressed = NULL;
    size_t len = 0;
    metrics_write(&page);
    http_add_header(http, "Vary", "Accept-Encoding");
    if (accept_coding(http_header_list(http, "Accept-Encoding"), "gzip") > 0)
        pressed = gzip_press(http->arena, page.text, page.len, &len);
    if (!pressed)
        return (struct metrics_page){page.text, page.len};
    http_add_header(http, "Content-Encoding", "gzip");
    return (struct metrics_page){pressed, len};
}
