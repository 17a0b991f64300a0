/* Many networks as one set of addresses, searched by halving. A set never changes, so any number of
 * threads may read it. Pure. */
#ifndef PW_DOMAIN_ADDRESS_SET_H
#define PW_DOMAIN_ADDRESS_SET_H

#include "domain/cidr.h"

struct address_set;

/* they may overlap; copied */
struct address_set *address_set_new(const struct cidr *networks, int count);
void address_set_free(struct address_set *); /* NULL is fine */

/* As cidr_has: IPv4 addresses are in no IPv6 network. */
bool address_set_has(const struct address_set *, const struct address *);
bool address_set_is_empty(const struct address_set *);

#endif
