#include "ops/shared/kept_file.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "sys/crypto.h"
#include "sys/db/url.h"

enum { FOLDERS = 3, BYTES_MAX = 256 * 1024 };

/* ---- where ---- */

static bool is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* The folders in which the file may be, the best first; NULL: there is none of that kind. */
static void find_folders(struct arena *arena, const char *folders[static FOLDERS])
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    const struct passwd *user = home && *home == '/' ? NULL : getpwuid(geteuid());
    home = user ? user->pw_dir : home;
    folders[0] = is_folder(".personaworlds") ? ".personaworlds/incidents" : NULL;
    folders[1] = state && *state == '/' ? arena_printf(arena, "%s/personaworlds", state) : NULL;
    folders[2] = home && *home == '/' ? arena_printf(arena, "%s/.local/state/personaworlds", home) : NULL;
}

static const char *file_in(struct arena *arena, const char *folder, const char *database_url)
{
    char hash[DIGEST_SIZE];
    const char *place = database_url_place(arena, database_url);
    if (!folder || !place)
        return NULL;
    digest(hash, place);
    return arena_printf(arena, "%s/kept-%.16s.jsonl", folder, hash);
}

/* The folder and those above it; whether that worked is seen when the file is opened. */
static void make_folders(struct arena *arena, const char *path)
{
    char *folder = arena_strdup(arena, path);
    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(folder, 0700);
        *slash = '/';
    }
}

/* Locked. -1: errno. Somebody else's file, or a link, is none. */
static int open_file(const char *path, int flags, int lock)
{
    struct stat info;
    int fd = open(path, flags | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -1;
    if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == geteuid() && flock(fd, lock) == 0)
        return fd;
    close(fd);
    errno = EACCES;
    return -1;
}

/* ---- adding ---- */

static const char *line_of(struct arena *arena, const struct kept_entry *entry)
{
    struct buf line = buf_new(arena);
    const char *const names[] = {"entry", "who", "kind", "what"};
    const char *const texts[] = {entry->entry, entry->who, entry->kind, entry->what};
    buf_printf(&line, "{\"at_us\":%lld", (long long)entry->at_us);
    for (size_t i = 0; i < COUNT(names); i++) {
        buf_printf(&line, ",\"%s\":", names[i]);
        buf_json(&line, texts[i]);
    }
    buf_str(&line, "}\n");
    return line.text;
}

static bool add_line(const char *path, const char *line, struct err *err)
{
    struct stat info;
    size_t len = strlen(line);
    int fd = open_file(path, O_WRONLY | O_APPEND | O_CREAT, LOCK_EX);
    bool has_room = fd >= 0 && fstat(fd, &info) == 0 && (size_t)info.st_size + len <= BYTES_MAX;
    bool ok = has_room && write(fd, line, len) == (ssize_t)len;
    if (!ok)
        fail(err, "while writing %s: %s", path, fd >= 0 && !has_room ? "it is full" : strerror(errno));
    if (has_room && !ok && ftruncate(fd, info.st_size) != 0)
        fail(err, "while taking half a line out of %s: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return ok;
}

const char *kept_add(struct arena *arena, const char *database_url, const struct kept_entry *entry, struct err *err)
{
    const char *folders[FOLDERS], *line = line_of(arena, entry);
    struct err next, *why = err; /* the best folder's is told */
    fail(err, "there is no folder to keep it in");
    find_folders(arena, folders);
    for (int i = 0; i < FOLDERS; i++) {
        const char *path = file_in(arena, folders[i], database_url);
        if (!path)
            continue;
        make_folders(arena, path);
        if (add_line(path, line, why))
            return path;
        why = &next;
    }
    return NULL;
}

/* ---- reading ---- */

/* One that the table would take. A line that was cut off, by a full disk, or written by hand is
 * nobody's, and keeps back no other. */
static bool is_whole(const struct kept_entry *e)
{
    enum { KIND_MAX = 40, BYTES = 8000 };
    return e->entry && uuid_valid(e->entry, strlen(e->entry)) && e->who && *e->who && e->what && *e->what &&
           strlen(e->what) <= BYTES && e->kind && *e->kind && strlen(e->kind) <= KIND_MAX &&
           strspn(e->kind, "abcdefghijklmnopqrstuvwxyz_") == strlen(e->kind);
}

static bool take_line(const char *line, size_t len, kept_fn *take, void *ctx, int *taken)
{
    json_t *json = json_loadb(line, len, 0, NULL);
    int64_t at_us = json_integer_value(json_object_get(json, "at_us"));
    const struct kept_entry entry = {.entry = json_string_value(json_object_get(json, "entry")),
                                     .at_us = MAX(at_us, 0),
                                     .who = json_string_value(json_object_get(json, "who")),
                                     .kind = json_string_value(json_object_get(json, "kind")),
                                     .what = json_string_value(json_object_get(json, "what"))};
    bool ok = !is_whole(&entry) || take(ctx, &entry);
    *taken += is_whole(&entry) && ok;
    json_decref(json);
    return ok;
}

static bool take_lines(const char *text, kept_fn *take, void *ctx, int *taken)
{
    while (*text) {
        size_t len = strcspn(text, "\n");
        if (len > 0 && !take_line(text, len, take, ctx, taken))
            return false;
        text += len + (text[len] == '\n');
    }
    return true;
}

static const char *read_whole(struct arena *arena, int fd)
{
    char *text = arena_alloc(arena, BYTES_MAX + 1);
    size_t len = 0;
    for (ssize_t got; len < BYTES_MAX && (got = read(fd, text + len, BYTES_MAX - len)) > 0;)
        len += (size_t)got;
    text[len] = '\0';
    return text;
}

int kept_each(struct arena *arena, const char *database_url, bool forget, kept_fn *take, void *ctx)
{
    const char *folders[FOLDERS];
    int all = 0;
    find_folders(arena, folders);
    for (int i = 0; i < FOLDERS; i++) {
        const char *path = file_in(arena, folders[i], database_url);
        int fd = path ? open_file(path, O_RDWR, LOCK_EX | LOCK_NB) : -1, taken = 0;
        if (fd < 0)
            continue;
        bool ok = take_lines(read_whole(arena, fd), take, ctx, &taken);
        if (ok && (!forget || ftruncate(fd, 0) == 0))
            all += taken;
        close(fd);
    }
    return all;
}
