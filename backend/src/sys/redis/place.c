#include "sys/redis/place.h"

#include <stdlib.h>
#include <string.h>

#include "base/url.h"
#include "sys/redis/tls.h"

const char redis_place_form[] =
    "must be redis:// or rediss://[user:password@]host[:port][/database], with user and password percent-encoded, "
    "and at most 8 hosts, joined by commas";

static char *cut(const char *text, size_t len)
{
    char *copy = must_calloc(1, len + 1);
    memcpy(copy, text, len);
    return copy;
}

/* "[user]:password@"; gives what follows it. */
static const char *read_login(struct redis_place *place, const char *text)
{
    size_t len = strcspn(text, "@/");
    if (text[len] != '@') {
        place->user = cut("", 0);
        return text;
    }
    size_t user = strcspn(text, ":@");
    place->user = cut(text, user);
    if (user < len)
        place->password = cut(text + user + 1, len - user - 1);
    return url_decode(place->user) && place->password && url_decode(place->password) ? text + len + 1 : NULL;
}

/* "host[:port]", an IPv6 address in brackets; gives what follows it, or NULL. */
static const char *read_host(struct redis_host *host, const char *text)
{
    enum { DEFAULT_PORT = 6379, LAST_PORT = 65535 };
    bool bracket = *text == '[';
    size_t len = strcspn(text += bracket, bracket ? "]" : ":,/");
    host->name = cut(text, len);
    text += len;
    /* only an address has a zone */
    if (bracket ? *text++ != ']' : strchr(host->name, '%') != NULL)
        return NULL;
    char *end = (char *)(uintptr_t)text;
    long port = *text == ':' ? strtol(text + 1, &end, 10) : DEFAULT_PORT;
    host->port = (int)MIN(MAX(port, 0), LAST_PORT + 1);
    return url_host_is_plain(host->name, len) && host->port >= 1 && host->port <= LAST_PORT ? end : NULL;
}

/* "host[:port][,host[:port]...]"; gives what follows them, or NULL. */
static const char *read_hosts(struct redis_place *place, const char *text)
{
    do {
        if (place->count == REDIS_HOSTS_MAX)
            return NULL;
        text = read_host(&place->hosts[place->count++], text);
    } while (text && *text == ',' && text++);
    return text;
}

static bool read_database(struct redis_place *place, const char *text)
{
    const char *database = text + (*text == '/');
    place->database = cut(database, strlen(database));
    return (*text == '/' || !*text) && strspn(database, "0123456789") == strlen(database);
}

static bool is_tls(const char *url)
{
    static const char scheme[] = "rediss://";
    return strncmp(url, scheme, sizeof scheme - 1) == 0;
}

bool redis_place_read(struct redis_place *place, const char *url)
{
    static const char scheme[] = "redis://";
    place->is_tls = is_tls(url);
    if (!place->is_tls && strncmp(url, scheme, sizeof scheme - 1) != 0)
        return false;
    const char *rest = read_login(place, url + sizeof scheme - 1 + place->is_tls);
    rest = rest ? read_hosts(place, rest) : NULL;
    return rest && read_database(place, rest);
}

const char *redis_place_problem(const char *url)
{
    if (is_tls(url) && !redis_tls_is_there())
        return "must be redis://: TLS to Redis is not built in, as that takes hiredis 1 (Debian 13); use a tunnel "
               "(stunnel) or a private network";
    struct redis_place place = {0};
    bool is_read = redis_place_read(&place, url);
    redis_place_clear(&place);
    return is_read ? NULL : redis_place_form;
}

void redis_place_clear(struct redis_place *place)
{
    free(place->user);
    free(place->password);
    for (int i = 0; i < place->count; i++)
        free(place->hosts[i].name);
    free(place->database);
}
