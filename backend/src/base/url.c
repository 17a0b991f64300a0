#include "base/url.h"

#include <string.h>

bool url_login_is_clear(const char *url)
{
    const char *authority = strstr(url, "://");
    const char *first = strchr(url, '@');
    if (!authority || !first)
        return true;
    size_t authority_len = strcspn(authority + 3, "/?#");
    return first < authority + 3 + authority_len && !strchr(first + 1, '@');
}

bool url_host_is_plain(const char *host, size_t len)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:%";
    return len > 0 && strspn(host, plain) >= len;
}

/* -1: no hexadecimal digit. */
static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool url_decode(char *text)
{
    char *out = text;
    for (; *text; text++, out++) {
        char byte = *text;
        if (*text == '%') {
            int high = hex_value(text[1]), low = high < 0 ? -1 : hex_value(text[2]);
            if (low < 0 || high + low == 0)
                return false;
            byte = (char)(high * 16 + low);
            text += 2;
        }
        *out = byte;
    }
    *out = '\0';
    return true;
}

void url_encode(struct buf *buf, const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
    while (*text) {
        size_t run = strspn(text, plain);
        buf_add(buf, text, run);
        text += run;
        if (*text)
            buf_printf(buf, "%%%02X", (unsigned)(unsigned char)*text++);
    }
}
