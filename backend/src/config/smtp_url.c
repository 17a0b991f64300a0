#include "config/smtp_url.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/mailbox.h"
#include "base/url.h"

static const char form[] =
    "must be smtp://[user:password@]host[:port] or smtps://…, with user and password "
    "percent-encoded";

/* Where the text behind the scheme begins; NULL: another scheme. */
static const char *behind_scheme(const char *url)
{
    static const char *const schemes[] = {"smtp://", "smtps://"};
    for (size_t i = 0; i < COUNT(schemes); i++)
        if (strncmp(url, schemes[i], strlen(schemes[i])) == 0)
            return url + strlen(schemes[i]);
    return NULL;
}

struct server {
    const char *login, *host; /* host: without the brackets of an IPv6 address */
    size_t login_len, host_len;
    const char *rest; /* ":port", "/" */
};

static struct server server_of(const char *authority)
{
    const char *at = strchr(authority, '@');
    struct server server = {.login = authority, .login_len = at ? (size_t)(at - authority) : 0};
    const char *host = at ? at + 1 : authority;
    bool bracket = *host == '[';
    server.host = host + bracket;
    server.host_len = strcspn(server.host, bracket ? "]" : ":/");
    if (bracket && server.host[server.host_len] != ']')
        server.host_len = 0; /* no host */
    server.rest = server.host + server.host_len + (bracket && server.host[server.host_len] == ']');
    return server;
}

static bool login_is_right(const struct server *server)
{
    char *login = must_calloc(1, server->login_len + 1);
    memcpy(login, server->login, server->login_len);
    bool right = server->login_len == 0 || (*login != ':' && strchr(login, ':') && url_decode(login));
    free(login);
    return right;
}

static bool port_is_right(const char *rest)
{
    enum { LAST_PORT = 65535 };
    size_t digits = *rest == ':' ? strspn(rest + 1, "0123456789") : 0;
    long port = digits ? strtol(rest + 1, NULL, 10) : 0;
    const char *end = digits ? rest + 1 + digits : rest;
    bool fits = digits ? port >= 1 && port <= LAST_PORT : *rest != ':';
    return fits && (!*end || strcmp(end, "/") == 0);
}

const char *smtp_url_problem(const char *text)
{
    const char *authority = behind_scheme(text);
    if (!authority || !url_login_is_clear(text))
        return form;
    const struct server server = server_of(authority);
    bool right =
        login_is_right(&server) && url_host_is_plain(server.host, server.host_len) && port_is_right(server.rest);
    return right ? NULL : form;
}

const char *mail_from_problem(const char *text)
{
    struct mailbox from;
    return mailbox_read(text, &from) ? NULL : "must be an e-mail address, or a name and one: PersonaWorlds <mail@…>";
}

static bool is_this_machine(const struct server *server)
{
    char host[64];
    struct in_addr four;
    if (server->host_len >= sizeof host)
        return false;
    memcpy(host, server->host, server->host_len);
    host[server->host_len] = '\0';
    return strcasecmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 ||
           (inet_pton(AF_INET, host, &four) == 1 && ntohl(four.s_addr) >> 24 == 127);
}

bool smtp_url_is_local(const char *url)
{
    const char *authority = behind_scheme(url);
    const struct server server = server_of(authority ? authority : "");
    return is_this_machine(&server);
}

bool smtp_url_has_login(const char *url)
{
    return strchr(url, '@') != NULL;
}

bool smtp_url_is_smtps(const char *url)
{
    return strncmp(url, "smtps://", strlen("smtps://")) == 0;
}
