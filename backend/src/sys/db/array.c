#include <string.h>

#include "base/buf.h"
#include "sys/db/db.h"

static void add_item(struct buf *array, const char *item)
{
    if (!item) {
        buf_str(array, "NULL");
        return;
    }
    buf_str(array, "\"");
    for (size_t plain; *item; item += plain + (item[plain] != '\0')) {
        plain = strcspn(item, "\"\\");
        buf_add(array, item, plain);
        if (item[plain])
            buf_add(array, (const char[]){'\\', item[plain]}, 2);
    }
    buf_str(array, "\"");
}

/* Postgres' manual, 8.15.6 Array Input and Output Syntax. */
const char *db_array(struct arena *arena, const char *const *items, int n)
{
    struct buf array = buf_new(arena);
    for (int i = 0; i < n; i++) {
        buf_str(&array, i ? "," : "{");
        add_item(&array, items[i]);
    }
    buf_str(&array, n ? "}" : "{}");
    return array.text;
}
