#include "config/value.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_VALUE_MAX = 64 * 1024 };

/* Why a file's content can't be a value; NULL: it can. A secret's failed mount looks like this; as
 * "not set" it would silently replace the secret by the default. */
static const char *file_problem(const char *value, size_t len)
{
    if (len == 0)
        return "it is empty";
    if (len > FILE_VALUE_MAX)
        return "it is longer than 64 KiB";
    return memchr(value, '\0', len) ? "it isn't text" : NULL;
}

static size_t without_line_end(const char *value, size_t len)
{
    while (len > 0 && (value[len - 1] == '\n' || value[len - 1] == '\r'))
        len--;
    return len;
}

/* Only a path is shown, not a secret that somebody put in its place. */
static const char *shown(const char *path)
{
    return *path == '/' ? path : "the file that it names";
}

/* The file's text, without the line ends at its end; NULL: error. The caller frees it. */
static char *read_value_file(const char *path, struct err *err, const char *name)
{
    enum { ROOM = FILE_VALUE_MAX + 4 }; /* CR LF, one byte that shows an overlong file, NUL */
    FILE *file = fopen(path, "re");
    char *value = must_calloc(1, ROOM);
    size_t len = file ? fread(value, 1, ROOM - 1, file) : 0;
    const char *problem = !file || ferror(file) ? strerror(errno) : NULL;
    if (file)
        fclose(file);
    if (len < ROOM - 1)
        len = without_line_end(value, len);
    if (!problem)
        problem = file_problem(value, len);
    value[len] = '\0';
    if (!problem)
        return value;
    fail(err, "%s_FILE: cannot read %s: %s", name, shown(path), problem);
    free(value);
    return NULL;
}

/* The value of NAME_FILE; NULL: not set. */
static const char *value_path(const char *name)
{
    char file_name[128];
    snprintf(file_name, sizeof file_name, "%s_FILE", name);
    const char *path = getenv(file_name);
    return path && *path ? path : NULL;
}

static bool is_set_itself(const char *name)
{
    const char *value = getenv(name);
    return value && *value;
}

bool value_is_set(const char *name)
{
    return is_set_itself(name) || value_path(name);
}

const char *value_read(const char *name, struct err *err)
{
    const char *path = value_path(name);
    if (is_set_itself(name))
        return getenv(name);
    return path ? read_value_file(path, err, name) : "";
}

void value_let_go(const char *name, const char *text)
{
    if (*text && !is_set_itself(name) && value_path(name))
        free((char *)(uintptr_t)text);
}

bool value_unfold(const char *name, struct err *err)
{
    const char *path = value_path(name);
    if (!path || is_set_itself(name))
        return true;
    char *text = read_value_file(path, err, name);
    if (!text)
        return false;
    setenv(name, text, 1);
    free(text);
    return true;
}
