#include "sys/db/url.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/url.h"
#include "sys/db/hosts.h"

typedef bool part_fn(const char *part, size_t len);

/* The value of a keyword; "" where the URL has none. */
static const char *option(const PQconninfoOption *options, const char *keyword)
{
    for (; options->keyword; options++)
        if (strcmp(options->keyword, keyword) == 0)
            return options->val ? options->val : "";
    return "";
}

/* libpq takes several hosts, and as many ports, separated by commas. */
static bool list_is_good(const char *list, part_fn *is_good)
{
    for (;;) {
        size_t len = strcspn(list, ",");
        if (!is_good(list, len))
            return false;
        if (!list[len])
            return true;
        list += len + 1;
    }
}

static bool is_port(const char *part, size_t len)
{
    enum { DIGITS_MAX = 5, PORT_MAX = 65535 };
    if (len == 0)
        return true; /* the default one */
    if (len > DIGITS_MAX || strspn(part, "0123456789") < len)
        return false;
    long port = strtol(part, NULL, 10);
    return port >= 1 && port <= PORT_MAX;
}

static bool is_socket(const char *host)
{
    return *host == '/' || *host == '@'; /* a socket's folder, or an abstract socket of Linux */
}

static bool is_host(const char *part, size_t len)
{
    return len == 0 || is_socket(part) || url_host_is_plain(part, len);
}

static bool is_one_of(const char *value, const char *const *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(value, values[i]) == 0)
            return true;
    return false;
}

static const char *options_problem(const PQconninfoOption *options)
{
    static const char *const ssl_modes[] = {"", "disable", "allow", "prefer", "require", "verify-ca", "verify-full"};
    static const char *const servers[] = {"", "any", "primary", "read-write"};
    if (!list_is_good(option(options, "port"), is_port))
        return "must have a port from 1 to 65535";
    if (!list_is_good(option(options, "host"), is_host))
        return "must have a host that is a name, an address, or the folder of a socket";
    if (!is_one_of(option(options, "sslmode"), ssl_modes, COUNT(ssl_modes)))
        return "must have an sslmode of: disable, allow, prefer, require, verify-ca, verify-full";
    if (!is_one_of(option(options, "target_session_attrs"), servers, COUNT(servers)))
        return "must have a target_session_attrs of: any, primary, read-write, as it is for changes, too";
    return NULL;
}

static const char *list_problem(const char *url)
{
    struct hosts *hosts = hosts_read(url);
    bool is_good = hosts != NULL;
    hosts_free(hosts);
    return is_good ? NULL : "must have at most 16 hosts, with one port, or one for each";
}

static bool is_url(const char *text)
{
    return strncmp(text, "postgres://", 11) == 0 || strncmp(text, "postgresql://", 13) == 0;
}

/* ---- a parameter that libpq doesn't know ---- */

static bool is_keyword(const char *name, size_t len)
{
    bool is_known = false;
    PQconninfoOption *options = PQconndefaults();
    for (const PQconninfoOption *o = options; o && o->keyword; o++)
        is_known = is_known || (strlen(o->keyword) == len && strncmp(o->keyword, name, len) == 0);
    PQconninfoFree(options);
    return is_known;
}

/* libpq itself doesn't say which. Only a plain word is named: what stands behind the '?' is no
 * password, as url_login_is_clear has found, but may be anything. */
static const char *unknown_parameter(const char *url)
{
    enum { NAME_MAX_LEN = 32 };
    static _Thread_local char problem[96];
    const char *name = strchr(url, '?');
    while (name) {
        size_t len = strspn(++name, "abcdefghijklmnopqrstuvwxyz_");
        if (len > 0 && len <= NAME_MAX_LEN && name[len] == '=' && !is_keyword(name, len)) {
            snprintf(problem, sizeof problem, "must have no parameter %.*s, which libpq doesn't know", (int)len, name);
            return problem;
        }
        name = strchr(name, '&');
    }
    return NULL;
}

const char *database_url_problem(const char *url)
{
    if (!*url)
        return "must not be empty";
    if (is_url(url) && !url_login_is_clear(url))
        return "must have '@', '/', '?' and '#' in its user name or password percent-encoded";
    PQconninfoOption *options = PQconninfoParse(url, NULL);
    if (!options) {
        const char *unknown = is_url(url) ? unknown_parameter(url) : NULL;
        return unknown ? unknown
                       : "must be like postgres://user:password@host:port/name, with '%' and spaces percent-encoded";
    }
    const char *problem = options_problem(options);
    PQconninfoFree(options);
    return problem ? problem : list_problem(url);
}

/* An empty one is a socket. */
static bool is_this_machine(const char *part, size_t len)
{
    static const char *const names[] = {"localhost", "::1"};
    for (size_t i = 0; i < COUNT(names); i++)
        if (len == strlen(names[i]) && strncmp(part, names[i], len) == 0)
            return true;
    return len == 0 || is_socket(part) || (strncmp(part, "127.", 4) == 0 && strspn(part, "0123456789.") >= len);
}

bool database_url_is_unverified(const char *url)
{
    PQconninfoOption *options = database_url_problem(url) ? NULL : PQconninfoParse(url, NULL);
    if (!options)
        return false;
    const char *address = option(options, "hostaddr");
    bool is_local = list_is_good(*address ? address : option(options, "host"), is_this_machine);
    bool is_verified = strncmp(option(options, "sslmode"), "verify-", strlen("verify-")) == 0;
    PQconninfoFree(options);
    return !is_local && !is_verified;
}

const char *database_url_place(struct arena *arena, const char *url)
{
    PQconninfoOption *options = database_url_problem(url) ? NULL : PQconninfoParse(url, NULL);
    if (!options)
        return NULL;
    const char *place =
        arena_printf(arena, "%s:%s/%s", option(options, "host"), option(options, "port"), option(options, "dbname"));
    PQconninfoFree(options);
    return place;
}
