#include "service/journal.h"

#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "sys/crypto.h"
#include "sys/log.h"

enum { LOOK_EVERY_MS = 200, AGAIN_MS = 5000, WHO_SIZE = 200 };

struct note {
    char entry[UUID_SIZE];
    uint64_t at; /* clock_ns */
    const char *kind;
    char what[NOTE_SIZE];
};

/* What isn't written yet, in order. Entries that are on their way stay until the answer. */
static struct {
    pthread_mutex_t lock;
    struct note notes[NOTES_MAX];
    int count;
    uint64_t lost, lost_at; /* how many didn't fit, and when the last of them came */
} kept = {.lock = PTHREAD_MUTEX_INITIALIZER};

struct journal {
    struct db *db;
    struct timer *timer;
    struct db_call *call;
    int sent; /* how many of the kept ones are on their way */
    bool (*can_write)(void);
    bool in_trouble, is_refused;
    char who[WHO_SIZE];
};

/* ---- noting ---- */

/* A text that was cut inside a character would keep back all that is written with it. */
static void end_whole(char *text)
{
    size_t len = strlen(text), whole = 0;
    for (size_t bytes; whole < len && (bytes = utf8_length_at(text + whole, len - whole)); whole += bytes)
        continue;
    text[whole] = '\0';
}

static void keep_note(const char *entry, const char *kind, const char *fmt, va_list args)
{
    pthread_mutex_lock(&kept.lock);
    if (kept.count == NOTES_MAX) {
        kept.lost++;
        kept.lost_at = clock_ns();
    } else {
        struct note *note = &kept.notes[kept.count++];
        memcpy(note->entry, entry, UUID_SIZE);
        note->at = clock_ns();
        note->kind = kind;
        vsnprintf(note->what, sizeof note->what, fmt, args);
        end_whole(note->what);
    }
    pthread_mutex_unlock(&kept.lock);
}

void journal_note(const char *kind, const char *fmt, ...)
{
    char entry[UUID_SIZE];
    va_list args;
    random_uuid(entry);
    va_start(args, fmt);
    keep_note(entry, kind, fmt, args);
    va_end(args);
}

/* The first half of a digest, written as a UUID. */
static void uuid_of(char out[static UUID_SIZE], const char *id)
{
    char hash[DIGEST_SIZE];
    digest(hash, id);
    snprintf(out, UUID_SIZE, "%.8s-%.4s-%.4s-%.4s-%.12s", hash, hash + 8, hash + 12, hash + 16, hash + 20);
}

void journal_note_once(const char *id, const char *kind, const char *fmt, ...)
{
    char entry[UUID_SIZE];
    va_list args;
    uuid_of(entry, id);
    va_start(args, fmt);
    keep_note(entry, kind, fmt, args);
    va_end(args);
}

/* ---- writing ---- */

static void forget_sent(int sent)
{
    pthread_mutex_lock(&kept.lock);
    kept.count -= sent;
    memmove(kept.notes, kept.notes + sent, (size_t)kept.count * sizeof kept.notes[0]);
    uint64_t lost = kept.lost, lost_at = kept.lost_at;
    kept.lost = 0;
    pthread_mutex_unlock(&kept.lock);
    if (lost)
        journal_note(JOURNAL_PROCESS, "%" PRIu64 " more changes were seen and not kept, the last %" PRIu64 " s ago",
                     lost, (clock_ns() - lost_at) / NS_PER_S);
}

static int kept_count(void)
{
    pthread_mutex_lock(&kept.lock);
    int count = kept.count;
    pthread_mutex_unlock(&kept.lock);
    return count;
}

/* An entry that the table refuses for its own sake mustn't keep back those behind it. */
static void on_refused(struct journal *journal, struct db_rows *rows)
{
    if (db_is_unfit(db_sqlstate(rows)) || journal->sent > 1)
        return;
    log_warn("journal_entry_refused", log_str("detail", db_message(rows)));
    forget_sent(1);
}

static void on_written(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct journal *journal = ctx;
    journal->call = NULL;
    journal->is_refused = outcome == DB_FAILED;
    if (db_is_new_trouble(outcome, rows, &journal->in_trouble))
        log_warn("journal_unwritable", log_str("error", db_outcome_name(outcome)), log_str("detail", db_message(rows)));
    if (outcome == DB_OK)
        forget_sent(journal->sent);
    else if (outcome == DB_FAILED)
        on_refused(journal, rows);
    timer_set(journal->timer, outcome == DB_OK ? LOOK_EVERY_MS : outcome == DB_FAILED ? AGAIN_MS : LOOK_EVERY_MS * 5);
}

static void write_kept(struct journal *journal)
{
    struct arena *arena = arena_new();
    const char *entries[NOTES_MAX], *ages[NOTES_MAX], *kinds[NOTES_MAX], *whats[NOTES_MAX];
    uint64_t now = clock_ns();
    pthread_mutex_lock(&kept.lock);
    journal->sent = journal->is_refused ? MIN(kept.count, 1) : kept.count;
    for (int i = 0; i < journal->sent; i++) {
        const struct note *note = &kept.notes[i];
        entries[i] = arena_strdup(arena, note->entry);
        ages[i] = arena_printf(arena, "%" PRIu64, (now - note->at) / NS_PER_MS);
        kinds[i] = note->kind;
        whats[i] = arena_strdup(arena, note->what);
    }
    pthread_mutex_unlock(&kept.lock);
    const int n = journal->sent;
    const char *const params[] = {journal->who, db_array(arena, entries, n), db_array(arena, ages, n),
                                  db_array(arena, kinds, n), db_array(arena, whats, n)};
    journal->call = db_query(journal->db, SQL_JOURNAL_ADD, params, on_written, journal);
    arena_free(arena);
}

static void journal_look(void *ctx)
{
    struct journal *journal = ctx;
    if (db_is_up(journal->db) && journal->can_write() && kept_count() > 0)
        write_kept(journal);
    else
        timer_set(journal->timer, LOOK_EVERY_MS);
}

bool journal_finish(struct journal *journal)
{
    bool can_write = db_is_up(journal->db) && journal->can_write() && !journal->is_refused;
    bool is_done = !can_write || kept_count() == 0;
    if (!is_done && !journal->call)
        timer_set(journal->timer, 0);
    return is_done;
}

struct journal *journal_start(struct loop *loop, struct db *db, const char *service, int64_t port,
                              bool (*can_write)(void))
{
    char host[HOST_NAME_MAX + 1] = "";
    struct journal *journal = must_calloc(1, sizeof *journal);
    gethostname(host, sizeof host - 1);
    journal->db = db;
    snprintf(journal->who, sizeof journal->who, "%s@%.160s:%lld", service, host, (long long)port);
    end_whole(journal->who);
    journal->can_write = can_write;
    journal->timer = timer_new(loop, journal_look, journal);
    timer_set(journal->timer, LOOK_EVERY_MS);
    return journal;
}

void journal_stop(struct journal *journal)
{
    int lost = kept_count();
    if (journal->call)
        db_drop(journal->call);
    if (lost)
        log_warn("journal_lost", log_int("entries", lost));
    timer_free(journal->timer);
    free(journal);
}
