/* Covers: ops/triage/schema_objects.c */
#include "ops/triage/schema_objects.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct schema_objects objects = schema_objects_new(arena);
    const char *migration = fuzz_text(arena, data, size);
    schema_objects_apply(arena, &objects, migration);
    schema_objects_apply(arena, &objects, migration);
    for (int i = 0; i < objects.count; i++) {
        INVARIANT(*objects.rows[i].name);
        INVARIANT(!objects.rows[i].table == !objects.rows[i].create);
        INVARIANT(!objects.rows[i].create || strcasestr(objects.rows[i].create, "index"));
    }
    arena_free(arena);
    return 0;
}
