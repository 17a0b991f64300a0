#include "ops/healthcheck/healthcheck.h"

#include <string.h>

#include "config/listen.h"
#include "ops/shared/command_line.h"
#include "ops/shared/scrape.h"

enum { PATIENCE_MS = 2000 };

struct look {
    struct arena *arena;
    const char *which; /* NULL: either service will do, as a container has one of them */
    const char *path;
};

/* NULL: it is well; "": it isn't asked. */
static const char *why_not(const struct look *look, const char *service, struct http_places places)
{
    struct arena *arena = look->arena;
    if (look->which && strcmp(look->which, service) != 0)
        return "";
    struct scrape health = {.url = arena_printf(arena, "%s%s", http_places_url(arena, &places), look->path)};
    scrape_all(arena, &health, 1, PATIENCE_MS);
    if (health.status == 200)
        return NULL;
    return arena_printf(arena, "%s: %s", health.url,
                        health.error ? health.error : arena_printf(arena, "status %d", health.status));
}

static int healthcheck(const struct look *look)
{
    static struct config config; /* its texts live as long as the process */
    struct err ignored;
    (void)(config_read_all(&config, &ignored, 1) == 0);
    const char *api = why_not(look, "api", listen_api_probes(&config));
    if (!api)
        return EXIT_FINE;
    const char *worker = why_not(look, "worker", listen_worker(&config));
    if (!worker)
        return EXIT_FINE;
    fprintf(stderr, "personaworlds healthcheck: %s%s%s\n", api, *api && *worker ? "; " : "", worker);
    return EXIT_FAILED;
}

int healthcheck_main(int argc, char **argv)
{
    int code;
    bool is_ready = false;
    const struct option options[] = {{.name = "--ready", .kind = OPTION_SWITCH, .value = &is_ready}, {0}};
    struct command_line line = {.command = "healthcheck",
                                .usage =
                                    "Usage: personaworlds healthcheck [api|worker] [--ready]\n"
                                    "Asks /healthz on PORT, or on WORKER_OBSERVABILITY_PORT: exit 0 where it lives, 1 "
                                    "where not. Without a word "
                                    "one of both that lives is\n"
                                    "enough, as in a container that has one.\n"
                                    "  --ready   asks /readyz: 0 where it can do its work\n",
                                .options = options,
                                .most = 1};
    if (!command_line_read(&line, argc, argv, &code))
        return code;
    const char *which = line.count ? line.words[0] : NULL;
    if (which && strcmp(which, "api") != 0 && strcmp(which, "worker") != 0)
        return command_line_wrong_word(&line, "no such service: ", which);
    struct arena *arena = arena_new();
    code = healthcheck(&(struct look){arena, which, is_ready ? "/readyz" : "/healthz"});
    arena_free(arena);
    return code;
}
