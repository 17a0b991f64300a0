#include "sys/db/hosts.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ADDRESSES_MAX = 4, ADDRESS_SIZE = 64, PARAMS_MAX = 80 };

struct host {
    char *name, *address, *port; /* as the URL has them; "": libpq's default */
};

struct hosts {
    PQconninfoOption *options; /* of the URL */
    struct host list[HOSTS_MAX];
    int count;
    int first; /* where a round begins */
    int step;  /* of the round: how many servers came before this one */
    /* of this server; one that is no name has one, which may be "" */
    char addresses[ADDRESSES_MAX][ADDRESS_SIZE];
    int address_count, address;
    char good[ADDRESS_SIZE]; /* the address that was good last, at list[first] or before it */
    bool good_goes_last;
};

/* ---- reading ---- */

static const char *option(const struct hosts *hosts, const char *keyword)
{
    for (const PQconninfoOption *o = hosts->options; o->keyword; o++)
        if (strcmp(o->keyword, keyword) == 0)
            return o->val ? o->val : "";
    return "";
}

static int pieces(const char *list)
{
    int n = 1;
    for (; *list; list++)
        n += *list == ',';
    return n;
}

static char *piece(const char *list, int n)
{
    for (; n > 0; n--)
        list += strcspn(list, ",") + 1;
    size_t len = strcspn(list, ",");
    char *copy = must_calloc(1, len + 1);
    memcpy(copy, list, len);
    return copy;
}

static bool hosts_read_list(struct hosts *hosts)
{
    const char *names = option(hosts, "host"), *addresses = option(hosts, "hostaddr"), *ports = option(hosts, "port");
    int count = pieces(*addresses ? addresses : names), port_count = pieces(ports);
    if (count > HOSTS_MAX || (*names && pieces(names) != count) || (port_count != 1 && port_count != count))
        return false;
    hosts->count = count;
    for (int i = 0; i < count; i++)
        hosts->list[i] = (struct host){.name = *names ? piece(names, i) : must_strdup(""),
                                       .address = *addresses ? piece(addresses, i) : must_strdup(""),
                                       .port = piece(ports, port_count == 1 ? 0 : i)};
    return true;
}

struct hosts *hosts_read(const char *url)
{
    struct hosts *hosts = must_calloc(1, sizeof *hosts);
    hosts->options = PQconninfoParse(url, NULL);
    if (hosts->options && hosts_read_list(hosts)) {
        hosts_begin(hosts);
        return hosts;
    }
    hosts_free(hosts);
    return NULL;
}

void hosts_free(struct hosts *hosts)
{
    if (!hosts)
        return;
    for (int i = 0; i < hosts->count; i++) {
        free(hosts->list[i].name);
        free(hosts->list[i].address);
        free(hosts->list[i].port);
    }
    PQconninfoFree(hosts->options);
    free(hosts);
}

/* ---- the order ---- */

int hosts_place(const struct hosts *hosts)
{
    return (hosts->first + hosts->step) % hosts->count;
}

static const struct host *current(const struct hosts *hosts)
{
    return &hosts->list[hosts_place(hosts)];
}

const char *hosts_name(const struct hosts *hosts)
{
    return current(hosts)->name;
}

int hosts_count(const struct hosts *hosts)
{
    return hosts->count > 1 ? hosts->count : MAX(hosts->address_count, 1);
}

static bool needs_lookup(const struct host *host)
{
    unsigned char bytes[16];
    bool is_socket = *host->name == '/' || *host->name == '@';
    return *host->name && !*host->address && !is_socket && inet_pton(AF_INET, host->name, bytes) != 1 &&
           inet_pton(AF_INET6, host->name, bytes) != 1;
}

void hosts_begin(struct hosts *hosts)
{
    hosts->step = -1;
    hosts->address = hosts->address_count = 0;
}

enum hosts_step hosts_next(struct hosts *hosts)
{
    if (++hosts->address < hosts->address_count)
        return HOSTS_CONNECT;
    if (++hosts->step >= hosts->count) {
        hosts->step = hosts->count - 1;
        return HOSTS_OVER;
    }
    hosts->address = hosts->address_count = 0;
    if (needs_lookup(current(hosts)))
        return HOSTS_LOOK_UP;
    hosts_found(hosts, current(hosts)->address);
    return HOSTS_CONNECT;
}

/* Where the good address stands among those of this server; the first, where it doesn't. */
static int place_of_good(const struct hosts *hosts)
{
    for (int i = 0; i < hosts->address_count; i++)
        if (strcmp(hosts->addresses[i], hosts->good) == 0)
            return (i + hosts->good_goes_last) % hosts->address_count;
    return 0;
}

static void rotate(struct hosts *hosts, int by)
{
    char turned[ADDRESSES_MAX][ADDRESS_SIZE];
    for (int i = 0; i < hosts->address_count; i++)
        memcpy(turned[i], hosts->addresses[(i + by) % hosts->address_count], ADDRESS_SIZE);
    memcpy(hosts->addresses, turned, (size_t)hosts->address_count * ADDRESS_SIZE);
}

void hosts_found(struct hosts *hosts, const char *addresses)
{
    int count = MIN(pieces(addresses), ADDRESSES_MAX);
    for (int i = 0; i < count; i++, addresses += strcspn(addresses, ",") + 1)
        snprintf(hosts->addresses[i], ADDRESS_SIZE, "%.*s", (int)strcspn(addresses, ","), addresses);
    hosts->address_count = count;
    rotate(hosts, place_of_good(hosts));
}

void hosts_good(struct hosts *hosts)
{
    int place = hosts_place(hosts);
    hosts->first = place;
    hosts->step = 0;
    hosts->good_goes_last = false;
    memcpy(hosts->good, hosts->addresses[hosts->address], ADDRESS_SIZE);
}

void hosts_good_last(struct hosts *hosts)
{
    hosts->first = (hosts->first + 1) % hosts->count;
    hosts->good_goes_last = true;
}

/* ---- connecting ---- */

const char *hosts_wanted(const struct hosts *hosts)
{
    const char *wanted = option(hosts, "target_session_attrs");
    return *wanted ? wanted : hosts->count > 1 ? "read-write" : NULL;
}

PGconn *hosts_connect(const struct hosts *hosts, const char *const (*over)[2])
{
    const struct host *host = current(hosts);
    const char *names[PARAMS_MAX], *values[PARAMS_MAX];
    int n = 0;
    for (const PQconninfoOption *o = hosts->options; o->keyword; o++) {
        bool is_place =
            strcmp(o->keyword, "host") == 0 || strcmp(o->keyword, "hostaddr") == 0 || strcmp(o->keyword, "port") == 0;
        if (!o->val || is_place)
            continue;
        names[n] = o->keyword;
        values[n++] = o->val;
    }
    const char *const places[][2] = {{"host", host->name},
                                     {"hostaddr", hosts->addresses[hosts->address]},
                                     {"port", host->port},
                                     {"target_session_attrs", hosts_wanted(hosts)}};
    for (size_t i = 0; i < COUNT(places); i++, n++)
        names[n] = places[i][0], values[n] = places[i][1];
    for (; (*over)[0]; over++, n++)
        names[n] = (*over)[0], values[n] = (*over)[1];
    INVARIANT(n < PARAMS_MAX);
    names[n] = values[n] = NULL;
    PGconn *conn = PQconnectStartParams(names, values, 0);
    if (!conn)
        abort();
    return conn;
}

void hosts_label(const struct hosts *hosts, char out[static HOSTS_LABEL_SIZE])
{
    const struct host *host = current(hosts);
    const char *address = hosts->addresses[hosts->address], *name = *address ? address : host->name;
    snprintf(out, HOSTS_LABEL_SIZE, "%.80s:%.8s", *name ? name : "(local)", *host->port ? host->port : "5432");
}
