#include "ops/shared/happened.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"
#include "base/utf8.h"
#include "ops/shared/kept_file.h"
#include "ops/shared/who.h"
#include "sys/crypto.h"

/* ---- the text ---- */

static void add_escaped(struct buf *out, const char *text, size_t len)
{
    for (size_t i = 0, bytes; i < len; i += bytes) {
        bytes = utf8_length_at(text + i, len - i);
        char one[8] = "";
        memcpy(one, text + i, bytes);
        if (text[i] == '\n' || text[i] == '\t')
            buf_str(out, text[i] == '\n' ? "\\n" : "\\t");
        else if (!bytes)
            buf_printf(out, "\\x%02x", (unsigned char)text[i]);
        else if (text_has_unseen(one))
            buf_printf(out, "\\u%04x", (unsigned)utf8_code_point(one, bytes));
        else
            buf_add(out, one, bytes);
        bytes = MAX(bytes, 1);
    }
}

/* "://user:secret@host" or "password=secret": the secret's bytes; 0: `at` is no such place. */
static size_t password_at(const char *at, const char **password)
{
    static const char keyword[] = "password=";
    if (strncmp(at, keyword, strlen(keyword)) == 0) {
        *password = at + strlen(keyword);
        return strcspn(*password, " \t\n");
    }
    if (strncmp(at, "://", 3) != 0)
        return 0;
    const char *login = at + 3;
    size_t len = strcspn(login, "/?# \t\n@"), name = strcspn(login, ":");
    if (login[len] != '@' || name >= len)
        return 0;
    *password = login + name + 1;
    return len - name - 1;
}

static const char *without_passwords(struct arena *arena, const char *text)
{
    struct buf out = buf_new(arena);
    for (const char *at = text; *at; at++) {
        const char *password;
        size_t len = password_at(at, &password);
        if (len) {
            buf_add(&out, at, (size_t)(password - at));
            buf_str(&out, "***");
            at = password + len - 1;
        } else {
            buf_add(&out, at, 1);
        }
    }
    return out.text;
}

static const char *without(struct arena *arena, const char *text, const char *secret)
{
    enum { LEAST = 8 }; /* shorter ones are words */
    struct buf out = buf_new(arena);
    if (!secret || strlen(secret) < LEAST)
        return text;
    for (const char *found; (found = strstr(text, secret)); text = found + strlen(secret)) {
        buf_add(&out, text, (size_t)(found - text));
        buf_str(&out, "***");
    }
    buf_str(&out, text);
    return out.text;
}

const char *happened_text(const struct database *d, const char *text)
{
    const char *const secrets[] = {d->config->jwt_secret, d->config->jwt_secret_previous, d->config->openai_api_key,
                                   d->config->metrics_token};
    struct buf out = buf_new(d->arena);
    text = without_passwords(d->arena, text);
    for (size_t i = 0; i < COUNT(secrets); i++)
        text = without(d->arena, text, secrets[i]);
    add_escaped(&out, text, strlen(text));
    return utf8_exceeds(out.text, HAPPENED_MAX)
               ? arena_printf(d->arena, "%.*s…", (int)utf8_bytes(out.text, HAPPENED_MAX - 1), out.text)
               : out.text;
}

/* ---- writing ---- */

static struct kept_entry entry_now(const struct database *d, const char *entry, const char *kind, const char *what)
{
    return (struct kept_entry){entry, clock_unix_us(), who_acts(d->arena), kind, what};
}

static enum happened keep_entry(const struct database *d, const struct kept_entry *entry)
{
    struct err err;
    const char *path = kept_add(d->arena, d->config->database_url, entry, &err);
    if (d->is_quiet)
        return path ? HAPPENED_KEPT : HAPPENED_LOST;
    if (path)
        fprintf(stderr, "the journal can't be written: this is kept in %s, and the next command joins it\n", path);
    else
        fprintf(stderr, "the journal can't be written, and this isn't kept: %s\n", err.text);
    return path ? HAPPENED_KEPT : HAPPENED_LOST;
}

static bool write_entry(const struct database *d, const struct kept_entry *entry)
{
    struct table none;
    struct err ignored;
    int64_t age_ms = MAX((clock_unix_us() - entry->at_us) / 1000, 0);
    const char *const params[] = {entry->who, db_array(d->arena, &entry->entry, 1),
                                  arena_printf(d->arena, "{%lld}", (long long)age_ms),
                                  db_array(d->arena, &entry->kind, 1), db_array(d->arena, &entry->what, 1)};
    return database_ask(d, SQL_JOURNAL_ADD, params, &none, &ignored);
}

static enum happened record(const struct database *d, const char *kind, const char *fmt, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    char *text = arena_alloc(d->arena, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, fmt, args);
    char id[UUID_SIZE];
    random_uuid(id);
    const struct kept_entry entry = entry_now(d, id, kind, happened_text(d, text));
    return d->session && write_entry(d, &entry) ? HAPPENED_WRITTEN : keep_entry(d, &entry);
}

enum happened happened(const struct database *d, const char *kind, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    enum happened where = record(d, kind, fmt, args);
    va_end(args);
    return where;
}

enum happened happened_keep(const struct database *d, const char *entry, const char *kind, const char *what)
{
    const struct kept_entry kept = entry_now(d, entry, kind, what);
    return keep_entry(d, &kept);
}

void happened_beside(struct database d, const char *kind, const char *fmt, ...)
{
    enum { PATIENCE_MS = 3000 };
    struct err ignored;
    va_list args;
    va_start(args, fmt);
    bool is_open = database_open(&d, &ignored);
    d.is_quiet = true;
    if (is_open)
        session_limit(d.session, d.connect_ms ? d.connect_ms : PATIENCE_MS);
    if (d.is_configured)
        (void)record(&d, kind, fmt, args);
    va_end(args);
    database_close(&d);
}

/* ---- joining ---- */

static const char *age_of(const struct database *d, const struct kept_entry *entry)
{
    return arena_printf(d->arena, "%lld", (long long)MAX((clock_unix_us() - entry->at_us) / 1000, 0));
}

/* Where another incident was open meanwhile it is a note. */
static bool join_opening(const struct database *d, const struct kept_entry *entry)
{
    enum { OPENED, INCIDENT };
    struct table found;
    struct err ignored;
    const char *const params[] = {entry->entry, age_of(d, entry), entry->who, entry->what};
    if (!database_change(d, SQL_JOURNAL_OPEN, params, &found, &ignored))
        return false;
    if (found.rows && *table_cell(&found, 0, OPENED) == 't')
        return true;
    struct kept_entry note = *entry;
    note.kind = JOURNAL_NOTE;
    note.what = arena_printf(d->arena, "opened while incident %s was open: %s",
                             found.rows ? table_cell(&found, 0, INCIDENT) : "?", entry->what);
    return write_entry(d, &note);
}

static bool join_entry(void *ctx, const struct kept_entry *entry)
{
    const struct database *d = ctx;
    struct table closed;
    struct err ignored;
    if (strcmp(entry->kind, "incident_opened") == 0)
        return join_opening(d, entry);
    if (strcmp(entry->kind, "incident_closed") == 0)
        return database_change(d, SQL_JOURNAL_CLOSE, (const char *[]){entry->entry, age_of(d, entry), entry->who},
                               &closed, &ignored);
    return write_entry(d, entry);
}

static bool is_there(void *ctx, const struct kept_entry *entry)
{
    bool *found = ctx;
    *found = entry != NULL;
    return true;
}

static void say_joined(int count)
{
    if (count)
        fprintf(stderr, "%d %s kept while the journal couldn't be written, and %s in it now\n", count,
                count == 1 ? "entry was" : "entries were", count == 1 ? "is" : "are");
}

void happened_join(void)
{
    enum { CONNECT_MS = 1000, PATIENCE_MS = 3000 };
    struct database d = {.is_away = true};
    struct err ignored;
    bool found = false;
    if (!database_open(&d, &ignored) && d.is_configured)
        kept_each(d.arena, d.config->database_url, false, is_there, &found);
    database_close(&d);
    if (!found)
        return;
    d = (struct database){.connect_ms = CONNECT_MS};
    if (database_open(&d, &ignored)) {
        session_limit(d.session, PATIENCE_MS);
        say_joined(kept_each(d.arena, d.config->database_url, true, join_entry, &d));
    }
    database_close(&d);
}
