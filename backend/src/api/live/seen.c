#include "api/live/seen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool seen_add(struct seen *seen, const char *id, int64_t at_us)
{
    enum { FIRST_ROOM = 4 };
    for (int i = 0; i < seen->count; i++)
        if (strcmp(seen->items[i].id, id) == 0)
            return false;
    if (seen->count == seen->room) {
        seen->room = MAX(seen->room * 2, FIRST_ROOM);
        seen->items = must_realloc(seen->items, (size_t)seen->room * sizeof *seen->items);
    }
    struct seen_item *item = &seen->items[seen->count++];
    item->at_us = at_us;
    snprintf(item->id, sizeof item->id, "%s", id);
    return true;
}

void seen_forget(struct seen *seen, int64_t before_us)
{
    int kept = 0;
    for (int i = 0; i < seen->count; i++)
        if (seen->items[i].at_us >= before_us)
            seen->items[kept++] = seen->items[i];
    seen->count = kept;
    if (kept == 0)
        seen_free(seen);
}

void seen_free(struct seen *seen)
{
    free(seen->items);
    *seen = (struct seen){0};
}
