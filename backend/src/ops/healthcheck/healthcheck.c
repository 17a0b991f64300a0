#include "ops/healthcheck/healthcheck.h"

#include <string.h>

#include "config/listen.h"
#include "ops/shared/command_line.h"
#include "ops/shared/scrape.h"

enum { PATIENCE_MS = 2000 };

/* NULL: it lives. */
static const char *why_not_live(struct arena *arena, struct http_places places)
{
    struct scrape health = {.url = arena_printf(arena, "%s/healthz", http_places_url(arena, &places))};
    scrape_all(arena, &health, 1, PATIENCE_MS);
    if (health.status == 200)
        return NULL;
    return arena_printf(arena, "%s: %s", health.url,
                        health.error ? health.error : arena_printf(arena, "status %d", health.status));
}

/* Without a word either will do: a container has one of them. */
static int healthcheck(struct arena *arena, const char *which)
{
    static struct config config; /* its texts live as long as the process */
    struct err ignored;
    (void)(config_read_all(&config, &ignored, 1) == 0);
    const char *api = which && strcmp(which, "worker") == 0 ? "" : why_not_live(arena, listen_api_probes(&config));
    if (!api)
        return EXIT_FINE;
    const char *worker = which && strcmp(which, "api") == 0 ? "" : why_not_live(arena, listen_worker(&config));
    if (!worker)
        return EXIT_FINE;
    fprintf(stderr, "personaworlds healthcheck: %s%s%s\n", api, *api && *worker ? "; " : "", worker);
    return EXIT_FAILED;
}

int healthcheck_main(int argc, char **argv)
{
    int code;
    struct command_line line = {.command = "healthcheck",
                                .usage =
                                    "Usage: personaworlds healthcheck [api|worker]\n"
                                    "Asks /healthz on PORT, or on WORKER_OBSERVABILITY_PORT: exit 0 where it lives, 1 "
                                    "where not. Without a word "
                                    "one of both that lives is\n"
                                    "enough, as in a container that has one.\n",
                                .most = 1};
    if (!command_line_read(&line, argc, argv, &code))
        return code;
    const char *which = line.count ? line.words[0] : NULL;
    if (which && strcmp(which, "api") != 0 && strcmp(which, "worker") != 0)
        return command_line_wrong_word(&line, "no such service: ", which);
    struct arena *arena = arena_new();
    code = healthcheck(arena, which);
    arena_free(arena);
    return code;
}
