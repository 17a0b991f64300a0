#include "ops/shared/stack_file.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "config/config.h"
#include "ops/shared/settings_source.h"

#define FOLDER ".personaworlds"

static const char *const forms[] = {"", "_FILE"}; /* a setting's value, or the file that has it */

static const char *variable(struct arena *arena, const char *setting, size_t form)
{
    return arena_printf(arena, "%s%s", setting, forms[form]);
}

/* NULL: not set. An empty value is none, as for the settings themselves. */
static const char *value_in_environment(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

/* ---- writing ---- */

static const char *stack_describe(struct arena *arena)
{
    struct buf json = buf_new(arena);
    int written = 0;
    buf_printf(&json, "{\"pid\":%ld,\"settings\":{", (long)getpid());
    for (int i = 0; config_name(i); i++)
        for (size_t form = 0; form < COUNT(forms); form++) {
            const char *name = variable(arena, config_name(i), form), *value = value_in_environment(name);
            if (!value)
                continue;
            buf_printf(&json, "%s\n\"%s\":", written++ ? "," : "", name);
            buf_json(&json, value);
        }
    buf_str(&json, "}}\n");
    return json.text;
}

static bool write_file(const char *path, const char *text)
{
    size_t len = strlen(text);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool ok = fd >= 0 && write(fd, text, len) == (ssize_t)len;
    if (fd >= 0)
        close(fd);
    return ok;
}

bool stack_file_write(const char *folder, struct err *err)
{
    struct arena *arena = arena_new();
    const char *path = arena_printf(arena, "%s/stack.json", folder),
               *unfinished = arena_printf(arena, "%s/stack.json.new", folder);
    unlink(unfinished);
    bool ok = (write_file(unfinished, stack_describe(arena)) && rename(unfinished, path) == 0) ||
              fail(err, "while writing %s: %s", path, strerror(errno));
    arena_free(arena);
    return ok;
}

void stack_file_remove(const char *folder)
{
    struct arena *arena = arena_new();
    unlink(arena_printf(arena, "%s/stack.json", folder));
    arena_free(arena);
}

/* ---- reading ---- */

/* Its settings decide which database a command changes, so it must be a file of this very user
 * that nobody else can read or write. */
static json_t *read_file(const char *command)
{
    struct stat info;
    int fd = open(FOLDER "/stack.json", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && errno == EACCES)
        fprintf(stderr,
                "personaworlds %s: the stack of this folder is another user's; run this as that user to ask it\n",
                command);
    if (fd < 0)
        return NULL;
    bool is_ours = fstat(fd, &info) == 0 && info.st_uid == geteuid() && (info.st_mode & (S_IRWXG | S_IRWXO)) == 0;
    if (!is_ours)
        fprintf(stderr,
                "personaworlds %s: doesn't ask the stack of this folder: " FOLDER
                "/stack.json isn't a file of this user alone\n",
                command);
    json_t *json = is_ours ? json_loadfd(fd, 0, NULL) : NULL;
    close(fd);
    return json;
}

/* `up` holds the lock as long as it lives, however it ends. */
bool stack_is_running(void)
{
    int lock = open(FOLDER "/lock", O_RDONLY | O_CLOEXEC);
    bool is_held = lock >= 0 && flock(lock, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (lock >= 0)
        close(lock);
    return is_held;
}

/* Who names another database asks about another stack, also where the rest of it isn't set. */
static bool stack_is_meant(struct arena *arena, const json_t *settings)
{
    for (size_t form = 0; form < COUNT(forms); form++) {
        const char *name = variable(arena, "DATABASE_URL", form);
        const char *here = value_in_environment(name), *there = json_string_value(json_object_get(settings, name));
        if (here && (!there || strcmp(here, there) != 0))
            return false;
    }
    return true;
}

static bool is_set_here(struct arena *arena, const char *setting)
{
    return value_in_environment(setting) || value_in_environment(variable(arena, setting, 1));
}

static void use_setting(struct arena *arena, const json_t *settings, const char *setting, enum stack_use use)
{
    if (use == STACK_FILLS && is_set_here(arena, setting))
        return;
    for (size_t form = 0; form < COUNT(forms); form++) {
        const char *name = variable(arena, setting, form), *value = json_string_value(json_object_get(settings, name));
        if (value)
            setenv(name, value, 1);
        else
            unsetenv(name);
    }
}

static void use_stack(struct arena *arena, const json_t *json, enum stack_use use, const char *command)
{
    const json_t *settings = json_object_get(json, "settings");
    if (!json_is_object(settings) || !stack_is_meant(arena, settings))
        return;
    for (int i = 0; config_name(i); i++)
        use_setting(arena, settings, config_name(i), use);
    settings_come_from("the stack that `personaworlds up` runs here");
    fprintf(stderr, "personaworlds %s: asks the stack that `personaworlds up` runs in this folder (process %lld)\n",
            command, (long long)json_integer_value(json_object_get(json, "pid")));
}

void stack_file_use(enum stack_use use, const char *command)
{
    json_t *json = use == STACK_UNUSED ? NULL : read_file(command);
    if (!json)
        return;
    struct arena *arena = arena_new();
    if (stack_is_running())
        use_stack(arena, json, use, command);
    arena_free(arena);
    json_decref(json);
}
