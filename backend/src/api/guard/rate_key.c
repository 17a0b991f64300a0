#include "api/guard/rate_key.h"

#include <string.h>

#include "sys/crypto.h"

struct rate_key rate_key_of(const char *secret, const char *who)
{
    struct rate_key key;
    unsigned char hash[KEYED_HASH_SIZE];
    keyed_hash(hash, secret, who);
    memcpy(&key.high, hash, sizeof key.high);
    memcpy(&key.low, hash + sizeof key.high, sizeof key.low);
    return key;
}
