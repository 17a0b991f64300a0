/* Covers: domain/callers.c */
#include "domain/callers.h"
#include "fuzz.h"

static void read_origins(struct arena *arena, const struct config *config)
{
    struct origins origins;
    struct err err = {""};
    if (!origins_read(arena, config, &origins, &err)) {
        INVARIANT(*err.text);
        return;
    }
    for (int i = 0; i < origins.count; i++)
        INVARIANT(origin_is_valid(origins.list[i]) && !strpbrk(origins.list[i], "\r\n \"<>"));
}

/* The first line is CORS_ALLOWED_ORIGINS, the second FRONTEND_ORIGIN, the third TRUSTED_PROXIES. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct config config = {0};
    struct proxies proxies;
    struct err err = {""};
    config.cors_allowed_origins = fuzz_line(arena, &data, &size);
    config.frontend_origin = fuzz_line(arena, &data, &size);
    config.trusted_proxies = fuzz_line(arena, &data, &size);
    read_origins(arena, &config);
    config.app_env = ENV_PROD;
    config.cors_allowed_origins = "";
    read_origins(arena, &config);
    INVARIANT(proxies_read(arena, &config, &proxies, &err) || *err.text);
    arena_free(arena);
    return 0;
}
