/* Addresses of the Internet and networks of them (RFC 4632, RFC 4291). Pure. */
#ifndef PW_DOMAIN_CIDR_H
#define PW_DOMAIN_CIDR_H

#include "base/turns.h"

/* IPv4 as an IPv4-mapped IPv6 address, so "::ffff:192.0.2.1" and "192.0.2.1" are one address. */
struct address {
    unsigned char bytes[16];
};

enum { ADDRESS_TEXT_SIZE = 46 };

/* nothing but the address: no port, zone or blank */
bool address_read(const char *text, size_t len, struct address *) MUST_CHECK;
void address_write(char out[static ADDRESS_TEXT_SIZE], const struct address *);
bool address_is_v4(const struct address *);

/* The IPv4 address that a NAT64 gateway stands for in 64:ff9b::/96 (RFC 6052); any other address
 * is itself. */
struct address address_behind_nat64(const struct address *);

struct cidr {
    struct address network;
    int prefix; /* bits of the 128 */
};

/* "10.0.0.0/8", "2001:db8::/32", or an address for itself alone. Bits beyond the prefix don't
 * matter. */
bool cidr_read(const char *text, size_t len, struct cidr *) MUST_CHECK;

/* "10.0.0.0/8"; the prefix of IPv4 networks counts their 32 bits. */
enum { CIDR_TEXT_SIZE = ADDRESS_TEXT_SIZE + 4 };
void cidr_write(char out[static CIDR_TEXT_SIZE], const struct cidr *);

/* Reads the networks of a list, separated by commas or blanks, into `networks`, which needs room
 * for strlen(list) / 2 + 1. False: `*bad`, of `*bad_len` bytes, is the member that is no
 * network. */
bool cidr_list_read(const char *list, struct cidr *networks, int *count, const char **bad, size_t *bad_len) MUST_CHECK;

/* Whether the networks have an address in common. */
bool cidr_meets(const struct cidr *, const struct cidr *);

/* The last address of the network; the first is `network`. */
struct address cidr_last(const struct cidr *);

/* No IPv6 network has an IPv4 address, not even ::/0. */
bool cidr_has(const struct cidr *, const struct address *);

/* whether one of the networks has the address */
bool cidr_any_has(const struct cidr *, int count, const struct address *);

/* The network of one customer, as far as can be told: 24 bits of an IPv4 address, 64 of an IPv6
 * one. */
struct cidr cidr_around(const struct address *);

/* The networks that an address takes turns by: itself, or the 64, 56 and 48 bits of an IPv6 one. */
struct turn_origin address_origin(const struct address *);

/* The address with all bits beyond the prefix zero. */
struct address address_cut(const struct address *, int prefix);

#endif
