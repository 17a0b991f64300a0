#include "domain/patience.h"

bool patience_begin(struct patience *patience, uint64_t now)
{
    bool waits = patience->misses < PATIENCE_MISSES || now >= patience->latest_ns + PATIENCE_TRY_NS;
    if (waits)
        patience->latest_ns = now;
    return waits;
}

void patience_learn(struct patience *patience, bool came)
{
    patience->misses = came ? 0 : MIN(patience->misses + 1, PATIENCE_MISSES);
}
