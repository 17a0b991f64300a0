#include "service/schema_needs.h"

#include "migrations.h"
#include "sys/db/db.h"

enum { TABLES_MAX = 128 };

struct schema_needs schema_needs(struct arena *arena, enum rights_of whose)
{
    const char *names[TABLES_MAX], *columns[TABLES_MAX];
    int n = 0;
    for (const struct schema_object *table = embedded_schema_objects; table->name; table++) {
        if (table->table || table->gone_by >= 0)
            continue;
        INVARIANT(n < TABLES_MAX);
        names[n] = table->name;
        columns[n++] = table->columns;
    }
    const struct rights_list rights = rights_list(arena, whose);
    return (struct schema_needs){
        {db_array(arena, names, n), db_array(arena, columns, n), rights.tables, rights.rights, rights.columns}};
}
