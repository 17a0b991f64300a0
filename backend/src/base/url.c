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
