#include "domain/cidr.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

enum { V4_OFFSET = 12, V4_PREFIX = 96, WHOLE = 128 };

static const unsigned char mapped[V4_OFFSET] = {[10] = 0xff, [11] = 0xff};

bool address_is_v4(const struct address *address)
{
    return memcmp(address->bytes, mapped, sizeof mapped) == 0;
}

struct address address_behind_nat64(const struct address *address)
{
    static const unsigned char nat64[V4_OFFSET] = {0x00, 0x64, 0xff, 0x9b};
    struct address inner = *address;
    if (memcmp(address->bytes, nat64, sizeof nat64) == 0)
        memcpy(inner.bytes, mapped, sizeof mapped);
    return inner;
}

bool address_read(const char *text, size_t len, struct address *address)
{
    char copy[ADDRESS_TEXT_SIZE];
    if (len >= sizeof copy || memchr(text, '\0', len))
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    memcpy(address->bytes, mapped, sizeof mapped);
    return inet_pton(AF_INET, copy, address->bytes + V4_OFFSET) == 1 || inet_pton(AF_INET6, copy, address->bytes) == 1;
}

void address_write(char out[static ADDRESS_TEXT_SIZE], const struct address *address)
{
    bool v4 = address_is_v4(address);
    inet_ntop(v4 ? AF_INET : AF_INET6, address->bytes + (v4 ? V4_OFFSET : 0), out, ADDRESS_TEXT_SIZE);
}

struct address address_cut(const struct address *address, int prefix)
{
    struct address cut = *address;
    for (int i = 0; i < WHOLE / 8; i++) {
        int kept = MIN(MAX(prefix - i * 8, 0), 8);
        cut.bytes[i] &= (unsigned char)(0xff00 >> kept);
    }
    return cut;
}

/* False: no number up to `most`. */
static bool read_prefix(const char *text, size_t len, int most, int *prefix)
{
    enum { MOST_DIGITS = 3 };
    *prefix = 0;
    if (len == 0 || len > MOST_DIGITS)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        *prefix = *prefix * 10 + (text[i] - '0');
    }
    return *prefix <= most;
}

bool cidr_read(const char *text, size_t len, struct cidr *cidr)
{
    const char *slash = memchr(text, '/', len);
    size_t address_len = slash ? (size_t)(slash - text) : len;
    if (!address_read(text, address_len, &cidr->network))
        return false;
    bool v4 = !memchr(text, ':', address_len);
    cidr->prefix = v4 ? WHOLE - V4_PREFIX : WHOLE;
    if (slash && !read_prefix(slash + 1, len - address_len - 1, cidr->prefix, &cidr->prefix))
        return false;
    cidr->prefix += v4 ? V4_PREFIX : 0;
    cidr->network = address_cut(&cidr->network, cidr->prefix);
    return true;
}

bool cidr_has(const struct cidr *cidr, const struct address *address)
{
    const struct address cut = address_cut(address, cidr->prefix);
    return address_is_v4(address) == address_is_v4(&cidr->network) && memcmp(&cut, &cidr->network, sizeof cut) == 0;
}

struct cidr cidr_around(const struct address *address)
{
    int prefix = address_is_v4(address) ? V4_PREFIX + 24 : 64;
    return (struct cidr){.network = address_cut(address, prefix), .prefix = prefix};
}

/* The first bits of an address as a number. */
static uint64_t bits_of(const unsigned char *bytes, int count)
{
    uint64_t bits = 0;
    for (int i = 0; i < count / 8; i++)
        bits = bits << 8 | bytes[i];
    return bits;
}

struct turn_origin address_origin(const struct address *address)
{
    static const uint64_t v4 = UINT64_C(0xFFFF) << 32; /* of IPv6 networks, one that nobody has */
    if (address_is_v4(address)) {
        uint64_t whole = v4 | bits_of(address->bytes + V4_OFFSET, 32);
        return (struct turn_origin){{whole, whole, whole}};
    }
    uint64_t narrow = bits_of(address->bytes, 64);
    return (struct turn_origin){{narrow, narrow >> 8 << 8, narrow >> 16 << 16}};
}

bool cidr_any_has(const struct cidr *networks, int count, const struct address *address)
{
    for (int i = 0; i < count; i++)
        if (cidr_has(&networks[i], address))
            return true;
    return false;
}

void cidr_write(char out[static CIDR_TEXT_SIZE], const struct cidr *cidr)
{
    char text[ADDRESS_TEXT_SIZE];
    address_write(text, &cidr->network);
    snprintf(out, CIDR_TEXT_SIZE, "%s/%d", text, cidr->prefix - (address_is_v4(&cidr->network) ? V4_PREFIX : 0));
}

bool cidr_list_read(const char *list, struct cidr *networks, int *count, const char **bad, size_t *bad_len)
{
    static const char separators[] = " \t,";
    *count = 0;
    for (list += strspn(list, separators); *list; list += strspn(list, separators)) {
        size_t len = strcspn(list, separators);
        if (!cidr_read(list, len, &networks[(*count)++])) {
            *bad = list;
            *bad_len = len;
            return false;
        }
        list += len;
    }
    return true;
}

bool cidr_meets(const struct cidr *one, const struct cidr *other)
{
    return cidr_has(one, &other->network) || cidr_has(other, &one->network);
}

struct address cidr_last(const struct cidr *cidr)
{
    struct address last = cidr->network;
    for (int i = 0; i < WHOLE / 8; i++) {
        int kept = MIN(MAX(cidr->prefix - i * 8, 0), 8);
        last.bytes[i] |= (unsigned char)(0xff >> kept);
    }
    return last;
}
