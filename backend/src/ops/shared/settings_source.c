#include "ops/shared/settings_source.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "config/config.h"

static const char shell[] = "this shell";
static const char *source = shell;

const char *settings_source(void)
{
    return source;
}

bool settings_are_the_shells(void)
{
    return source == shell;
}

void settings_come_from(const char *from)
{
    source = from;
}

/* ---- a file ---- */

static bool is_setting(const char *name)
{
    size_t len = strlen(name), file = strlen("_FILE");
    for (int i = 0; config_name(i); i++) {
        size_t known = strlen(config_name(i));
        bool begins = strncmp(config_name(i), name, known) == 0;
        if (begins && (len == known || (len == known + file && strcmp(name + known, "_FILE") == 0)))
            return true;
    }
    return false;
}

static char *trimmed(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    for (char *end = text + strlen(text); end > text && isspace((unsigned char)end[-1]);)
        *--end = '\0';
    return text;
}

/* A quoted value ends with its quote; any other at a comment that a blank goes before. */
static char *value_of(char *text)
{
    char *value = trimmed(text), quote = *value;
    if (quote == '"' || quote == '\'') {
        char *end = strchr(++value, quote);
        if (end)
            *end = '\0';
        return value;
    }
    char *comment = strstr(value, " #");
    if (comment)
        *comment = '\0';
    return trimmed(value);
}

/* False: the line has none. */
static bool setting_of_line(char *line, const char **name, const char **value)
{
    static const char word[] = "export ";
    char *text = trimmed(line), *equals = strchr(text, '=');
    if (*text == '#' || *text == ';' || !equals)
        return false;
    *equals = '\0';
    text += strncmp(text, word, strlen(word)) == 0 ? strlen(word) : 0;
    *name = trimmed(text);
    *value = value_of(equals + 1);
    return is_setting(*name);
}

typedef void setting_fn(int *count, const char *name, const char *value);

/* How often `each` counted; -1: the file can't be read. */
static int each_setting(const char *path, setting_fn *each)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t size = 0;
    int count = 0;
    if (!file)
        return -1;
    while (getline(&line, &size, file) >= 0) {
        const char *name, *value;
        if (setting_of_line(line, &name, &value))
            each(&count, name, value);
    }
    bool ok = !ferror(file);
    free(line);
    fclose(file);
    return ok ? count : -1;
}

static void take_setting(int *count, const char *name, const char *value)
{
    setenv(name, value, 1);
    ++*count;
}

static void count_unset(int *count, const char *name, const char *value)
{
    const char *here = getenv(name);
    *count += *value && !(here && *here);
}

int env_file_unset(const char *path)
{
    return MAX(0, each_setting(path, count_unset));
}

static void take_out(int *argc, char **argv, int at, int words)
{
    for (int i = at; i + words <= *argc; i++)
        argv[i] = argv[i + words];
    *argc -= words;
}

static bool use_file(const char *path, const char *command, struct err *err)
{
    errno = 0;
    int count = each_setting(path, take_setting);
    if (count < 0)
        return fail(err, "while reading %s: %s", path, strerror(errno));
    fprintf(stderr, "personaworlds %s: %d settings come from %s\n", command, count, path);
    settings_come_from(path);
    return true;
}

bool env_file_use(int *argc, char **argv, struct err *err)
{
    static const char flag[] = "--env-file";
    for (int i = 1; i < *argc;) {
        size_t len = strlen(flag);
        if (strncmp(argv[i], flag, len) != 0 || (argv[i][len] && argv[i][len] != '=')) {
            i++;
            continue;
        }
        bool is_apart = !argv[i][len];
        const char *path = is_apart ? argv[i + 1] : argv[i] + len + 1;
        if (!path || !*path)
            return fail(err, "--env-file needs a file");
        take_out(argc, argv, i, is_apart ? 2 : 1);
        if (!use_file(path, argv[0], err))
            return false;
    }
    return true;
}
