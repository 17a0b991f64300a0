/* Covers: config/config.c config/check.c */
#include "config/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

/* Names of the table, of every kind; `FILE` among them is what DATABASE_URL_FILE has in it. */
static const char *const names[] = {
    "APP_ENV",
    "PORT",
    "API_THREADS",
    "DATABASE_URL",
    "DATABASE_DIRECT_URL",
    "DB_POOLER",
    "AUTO_MIGRATE",
    "JWT_SECRET",
    "FRONTEND_ORIGIN",
    "CORS_ALLOWED_ORIGINS",
    "RATE_LIMIT_EVENTS",
    "JOB_MAX_ATTEMPTS",
    "LLM_PROVIDER",
    "OPENAI_BASE_URL",
    "OPENAI_API_KEY",
    "MOCK_LLM_FAILURE_RATE",
    "JOB_RETENTION",
    "JWT_SECRET_PREVIOUS",
};
static const char file_name[] = "DATABASE_URL_FILE";

static void forget_all(void)
{
    for (size_t i = 0; i < COUNT(names); i++)
        unsetenv(names[i]);
    unsetenv(file_name);
}

/* A line is a letter, which stands for a name, and its value. */
static void set_line(const char *line)
{
    if (*line >= 'A' && *line < 'A' + (char)COUNT(names))
        setenv(names[*line - 'A'], line + 1, 1);
}

/* What is left of the input after an empty line is a file's content. */
static int set_file(const uint8_t *data, size_t size)
{
    char path[64];
    int fd = memfd_create("value", MFD_CLOEXEC);
    INVARIANT(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    setenv(file_name, path, 1);
    return fd;
}

static void check(const struct config *config)
{
    struct err err = {""};
    INVARIANT(config->port >= 1 && config->port <= 65535 && config->api_threads >= 1 && config->api_threads <= 64);
    INVARIANT(config->job_max_attempts >= 1 && config->job_max_attempts <= 20);
    INVARIANT(config->llm_provider < PROVIDERS && config->mock_failure_rate >= 0 && config->mock_failure_rate <= 1);
    size_t len = strlen(config->frontend_origin);
    INVARIANT(len == 0 || config->frontend_origin[len - 1] != '/');
    INVARIANT(config_check(config, &err) || *err.text);
}

static void check_count(void)
{
    int all, set;
    config_count(&all, &set);
    INVARIANT(set >= 0 && set <= all);
}

/* What was read from a file, but for one that can't be read, and an origin without its slash; other
 * texts are the environment's or the table's. */
static void free_copies(const struct config *config, bool has_file)
{
    free((char *)(uintptr_t)config->frontend_origin);
    if (has_file && *config->database_url)
        free((char *)(uintptr_t)config->database_url);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct config config;
    struct err errs[4] = {{""}};
    int fd = -1;
    forget_all();
    for (const char *line = "A"; size > 0 && *line;)
        set_line(line = fuzz_line(arena, &data, &size));
    if (size > 0 && data[0] > ' ' && !getenv("DATABASE_URL"))
        fd = set_file(data, size);
    else
        check_count();
    int unreadable = config_read_all(&config, errs, COUNT(errs));
    INVARIANT(unreadable == 0 || *errs[0].text);
    check(&config);
    forget_all();
    free_copies(&config, fd >= 0);
    if (fd >= 0)
        close(fd);
    arena_free(arena);
    return 0;
}
