#include "domain/forwarded.h"

#include <string.h>

struct span {
    const char *text;
    size_t len;
};

static bool is_space_or_tab(char c)
{
    return c == ' ' || c == '\t';
}

static struct span span_trim(struct span span)
{
    while (span.len > 0 && is_space_or_tab(span.text[span.len - 1]))
        span.len--;
    while (span.len > 0 && is_space_or_tab(*span.text))
        span = (struct span){span.text + 1, span.len - 1};
    return span;
}

/* ---- items of the list ---- */

static bool is_escaped(const char *list, size_t at)
{
    size_t backslashes = 0;
    while (backslashes < at && list[at - backslashes - 1] == '\\')
        backslashes++;
    return backslashes % 2;
}

/* Where the quoted string begins that ends at `closing`; 0: nowhere. */
static size_t opening_quote(const char *list, size_t closing)
{
    for (size_t at = closing; at-- > 0;)
        if (list[at] == '"' && !is_escaped(list, at))
            return at;
    return 0;
}

/* Cuts off the list's last item. Quotes are matched from the right: the right end is what a proxy
 * wrote, and a quote that the client left open must not swallow it. */
static struct span cut_last(const char *list, size_t *len)
{
    size_t end = *len, begin = end;
    while (begin > 0 && list[begin - 1] != ',')
        begin = list[begin - 1] == '"' ? opening_quote(list, begin - 1) : begin - 1;
    *len = begin > 0 ? begin - 1 : 0;
    return span_trim((struct span){list + begin, end - begin});
}

/* False: only empty items were left. */
static bool take_last(const char *list, size_t *len, struct span *item)
{
    item->len = 0;
    while (*len > 0 && item->len == 0)
        *item = cut_last(list, len);
    return item->len > 0;
}

/* ---- an item ---- */

/* ":443", or ":_hidden" for a port that the proxy keeps to itself. */
static bool is_port(struct span span)
{
    enum { MOST_DIGITS = 5 };
    static const char digits[] = "0123456789";
    static const char name[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._-";
    bool is_name = span.len > 2 && span.text[1] == '_';
    if (span.len < 2 || *span.text != ':' || (!is_name && span.len > MOST_DIGITS + 1))
        return false;
    for (size_t i = 1; i < span.len; i++)
        if (!memchr(is_name ? name : digits, span.text[i], (is_name ? sizeof name : sizeof digits) - 1))
            return false;
    return true;
}

static struct span without_quotes(struct span span)
{
    bool is_quoted = span.len >= 2 && *span.text == '"' && span.text[span.len - 1] == '"';
    return is_quoted ? span_trim((struct span){span.text + 1, span.len - 2}) : span;
}

/* An address, with a port or without. */
static bool read_node(struct span node, struct address *address)
{
    node = without_quotes(node);
    const char *end = node.text + node.len;
    if (address_read(node.text, node.len, address))
        return true;
    if (node.len > 0 && *node.text == '[') {
        const char *bracket = memchr(node.text, ']', node.len), *rest = bracket ? bracket + 1 : end;
        return bracket && (rest == end || is_port((struct span){rest, (size_t)(end - rest)})) &&
               address_read(node.text + 1, (size_t)(bracket - node.text) - 1, address);
    }
    const char *colon = memchr(node.text, ':', node.len);
    return colon && is_port((struct span){colon, (size_t)(end - colon)}) &&
           address_read(node.text, (size_t)(colon - node.text), address);
}

/* ---- an element of Forwarded ---- */

/* The length of the parameter up to its semicolon, which may not stand in quotes. */
static size_t parameter_len(struct span rest)
{
    bool quoted = false;
    size_t len = 0;
    for (; len < rest.len && (quoted || rest.text[len] != ';'); len++)
        if (rest.text[len] == '"' && !(quoted && is_escaped(rest.text, len)))
            quoted = !quoted;
    return len;
}

/* The value of the element's one `for`. */
static bool find_for(struct span element, struct span *value)
{
    static const char name[] = "for=";
    enum { NAME_LEN = sizeof name - 1 };
    int found = 0;
    while (element.len > 0) {
        size_t len = parameter_len(element), whole = MIN(len + 1, element.len);
        const struct span parameter = span_trim((struct span){element.text, len});
        if (parameter.len >= NAME_LEN && strncasecmp(parameter.text, name, NAME_LEN) == 0) {
            *value = (struct span){parameter.text + NAME_LEN, parameter.len - NAME_LEN};
            found++;
        }
        element = (struct span){element.text + whole, element.len - whole};
    }
    return found == 1;
}

static bool read_item(struct span item, enum forwarded_header header, struct address *address)
{
    struct span node = item;
    return (header == HEADER_X_FORWARDED_FOR || find_for(item, &node)) && read_node(node, address);
}

struct forwarded forwarded_client(const struct address *peer, const char *list, enum forwarded_header header,
                                  const struct proxies *proxies)
{
    struct forwarded walk = {.client = *peer};
    struct span item;
    struct address hop;
    size_t len = strlen(list);
    while (!walk.unreadable && cidr_any_has(proxies->networks, proxies->count, &walk.client) &&
           take_last(list, &len, &item)) {
        if (read_item(item, header, &hop))
            walk.client = hop;
        else
            walk = (struct forwarded){walk.client, item.text, item.len};
    }
    walk.client = address_behind_nat64(&walk.client);
    return walk;
}
