#include "ops/up/postgres_home.h"

#include <errno.h>
#include <glob.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static bool join(char out[static PATH_MAX], const char *folder, const char *name, struct err *err)
{
    int len = snprintf(out, PATH_MAX, "%s/%s", folder, name);
    return len < PATH_MAX || fail(err, "while naming %s in %s: the path is too long", name, folder);
}

/* ---- who ---- */

static bool choose_user(struct postgres_home *home, struct err *err)
{
    home->uid = geteuid();
    home->gid = getegid();
    if (home->uid != 0)
        return true;
    const struct passwd *user = getpwnam("postgres");
    if (!user)
        return fail(err,
                    "while looking for the user that runs Postgres: there is no user `postgres` (script/bootstrap "
                    "installs what is missing)");
    home->uid = user->pw_uid;
    home->gid = user->pw_gid;
    return true;
}

/* ---- where ---- */

/* Whether everybody may pass through the folder and all above it. */
static bool is_open_to_all(const char *folder)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s", folder);
    for (;;) {
        struct stat info;
        if (stat(*path ? path : "/", &info) != 0 || !(info.st_mode & S_IXOTH))
            return false;
        char *slash = strrchr(path, '/');
        if (!slash)
            return true;
        *slash = '\0';
    }
}

static bool give_away(const struct postgres_home *home, const char *path, struct err *err)
{
    if (geteuid() != 0 || chown(path, home->uid, home->gid) == 0)
        return true;
    return fail(err, "while giving %s to the user that runs Postgres: %s", path, strerror(errno));
}

static bool make_folder(const struct postgres_home *home, const char *state, const char *path, struct err *err)
{
    if (geteuid() != 0 || is_open_to_all(state)) {
        if (mkdir(path, 0700) != 0)
            return fail(err, "while making %s: %s", path, strerror(errno));
        return give_away(home, path, err);
    }
    char elsewhere[] = "/var/lib/personaworlds-XXXXXX";
    if (!mkdtemp(elsewhere) || symlink(elsewhere, path) != 0)
        return fail(err, "while making a folder below /var/lib for the database: %s", strerror(errno));
    return give_away(home, elsewhere, err);
}

/* What is there already says who runs it: the folder's owner. */
static bool take_owner(struct postgres_home *home, struct err *err)
{
    struct stat info;
    if (stat(home->folder, &info) != 0 || !S_ISDIR(info.st_mode))
        return fail(err, "while opening %s: it is no folder", home->folder);
    if (geteuid() != 0 && info.st_uid != geteuid())
        return fail(err, "while opening %s: it belongs to another user; start as that user or as root", home->folder);
    if (info.st_uid == 0)
        return give_away(home, home->folder, err);
    home->uid = info.st_uid;
    home->gid = info.st_gid;
    return true;
}

static bool find_folder(struct postgres_home *home, const char *state, struct err *err)
{
    char path[PATH_MAX];
    if (!join(path, state, "postgres", err))
        return false;
    if (!realpath(path, home->folder)) {
        unlink(path); /* a link whose target is gone */
        if (!make_folder(home, state, path, err))
            return false;
        if (!realpath(path, home->folder))
            return fail(err, "while opening %s: %s", path, strerror(errno));
    }
    if (!take_owner(home, err))
        return false;
    char *name = strrchr(strcpy(path, home->folder), '/');
    *name = '\0';
    if (geteuid() == 0 && !is_open_to_all(path))
        return fail(err,
                    "while opening %s: the user that runs Postgres can't reach it; move the database to where it can, "
                    "and leave a link",
                    home->folder);
    return true;
}

/* A socket's path has at most 107 bytes; Postgres and libpq read lists of them, in which quotes
 * and commas are special. */
static bool choose_socket_folder(struct postgres_home *home, struct err *err)
{
    static const char socket_name[] = "/.s.PGSQL.5432";
    snprintf(home->socket_folder, sizeof home->socket_folder, "%s", home->folder);
    if (strlen(home->folder) + sizeof socket_name <= sizeof((struct sockaddr_un *)NULL)->sun_path &&
        !strpbrk(home->folder, "\","))
        return true;
    snprintf(home->socket_folder, sizeof home->socket_folder, "/tmp/personaworlds-XXXXXX");
    if (!mkdtemp(home->socket_folder))
        return fail(err, "while making a folder for the database's socket: %s", strerror(errno));
    home->socket_is_elsewhere = true;
    return give_away(home, home->socket_folder, err);
}

void postgres_home_leave(const struct postgres_home *home)
{
    if (home->socket_is_elsewhere)
        rmdir(home->socket_folder);
}

/* ---- with what ---- */

static bool has_programs(const char *folder)
{
    char initdb[PATH_MAX], postgres[PATH_MAX];
    struct err ignored;
    return join(initdb, folder, "initdb", &ignored) && join(postgres, folder, "postgres", &ignored) &&
           access(initdb, X_OK) == 0 && access(postgres, X_OK) == 0;
}

/* The major version that made the data; 0 where there are none yet. */
static int data_version(const struct postgres_home *home)
{
    char path[PATH_MAX];
    struct err ignored;
    int version = 0;
    FILE *file = join(path, home->folder, "data/PG_VERSION", &ignored) ? fopen(path, "re") : NULL;
    if (!file)
        return 0;
    if (fscanf(file, "%d", &version) != 1)
        version = 0;
    fclose(file);
    return version;
}

/* The newest of Debian's folders, or the one of this version. */
static int find_packaged(int wanted, char out[static PATH_MAX])
{
    static const char pattern[] = "/usr/lib/postgresql/*/bin";
    glob_t found;
    int best = 0;
    if (glob(pattern, GLOB_NOSORT, NULL, &found) != 0)
        return 0;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        int version = (int)strtol(found.gl_pathv[i] + strcspn(pattern, "*"), NULL, 10);
        if (version > best && (!wanted || version == wanted) && has_programs(found.gl_pathv[i])) {
            best = version;
            snprintf(out, PATH_MAX, "%s", found.gl_pathv[i]);
        }
    }
    globfree(&found);
    return best;
}

static bool find_in_path(char out[static PATH_MAX])
{
    const char *path = getenv("PATH");
    for (const char *at = path ? path : ""; *at; at += *at == ':') {
        size_t len = strcspn(at, ":");
        if (*at == '/' && len < PATH_MAX) {
            snprintf(out, PATH_MAX, "%.*s", (int)len, at);
            if (has_programs(out))
                return true;
        }
        at += len;
    }
    return false;
}

static bool find_programs(struct postgres_home *home, struct err *err)
{
    int wanted = data_version(home);
    if (find_packaged(wanted, home->programs) || find_in_path(home->programs))
        return true;
    if (wanted)
        return fail(err, "while looking for Postgres: the data in %s need version %d, which isn't installed",
                    home->folder, wanted);
    return fail(err,
                "while looking for Postgres: neither below /usr/lib/postgresql nor in PATH (script/bootstrap installs "
                "what is missing)");
}

bool postgres_home_find(struct postgres_home *home, const char *state, struct err *err)
{
    *home = (struct postgres_home){0};
    return choose_user(home, err) && find_folder(home, state, err) && find_programs(home, err) &&
           choose_socket_folder(home, err);
}
