/* Covers: sys/http/head.c sys/http/chunks.c */
#include "../chunked_body.h"
#include "fuzz.h"
#include "sys/http/head.h"

static void check_head(const struct head *head)
{
    INVARIANT(*head->method && !strchr(head->method, ' '));
    INVARIANT(*head->path == '/' || strcmp(head->path, "*") == 0);
    INVARIANT(!strpbrk(head->path, "\t\r\n ?#") && !strpbrk(head->query, "\t\r\n #"));
    INVARIANT(!(head->is_chunked && head->length > 0));
    for (int i = 0; i < head->field_count; i++) {
        const struct field *f = &head->fields[i];
        INVARIANT(*f->name && !strpbrk(f->name, " \t\r\n:") && !strpbrk(f->value, "\r\n"));
        INVARIANT(!strchr(" \t", *f->value) || !*f->value);
        INVARIANT(strcmp(head_find(head, f->name)->name, f->name) == 0 ||
                  head_find_next(head, head_find(head, f->name)));
    }
}

/* A head ends at the same byte whether it comes at once or in two pieces. */
static size_t head_end(const char *bytes, size_t len, size_t first, enum head_found *found)
{
    struct head_scan scan = {0};
    *found = head_scan(&scan, bytes, first);
    if (*found == HEAD_MORE)
        *found = head_scan(&scan, bytes, len);
    return scan.at;
}

static size_t try_head(struct arena *arena, const char *bytes, size_t len)
{
    enum head_found found, again;
    size_t end = head_end(bytes, len, 0, &found), same = head_end(bytes, len, len / 2, &again);
    INVARIANT(found == again && (found == HEAD_MORE || end == same));
    struct head head;
    int status = head_read(&head, arena, bytes, found == HEAD_WHOLE ? end : len);
    if (status == 0 && found == HEAD_WHOLE)
        check_head(&head);
    return found == HEAD_WHOLE ? end : len;
}

/* So does a body, with the same bytes. */
static void try_chunks(struct arena *arena, const char *bytes, size_t len)
{
    struct body whole = body_of(arena, bytes, len, len + 1), pieces = body_of(arena, bytes, len, 3);
    INVARIANT(whole.data.len <= whole.used && whole.used <= len);
    INVARIANT(whole.found == pieces.found && whole.used == pieces.used && whole.data.len == pieces.data.len);
    INVARIANT(memcmp(whole.data.text, pieces.data.text, whole.data.len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    const char *bytes = (const char *)data;
    size_t end = try_head(arena, bytes, size);
    try_chunks(arena, bytes + end, size - end);
    arena_free(arena);
    return 0;
}
