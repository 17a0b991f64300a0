#include "llm/openai_stream.h"

#include <string.h>

#include "base/buf.h"

enum { LONGEST = 1024 * 1024 };

struct openai_stream {
    struct arena *arena;
    struct buf line, data; /* of the event that is under way */
    struct buf content, refusal;
    json_t *finish_reason, *usage, *error; /* NULL: not seen */
    bool is_stream, done, too_long;
};

struct openai_stream *openai_stream_new(struct arena *arena)
{
    struct openai_stream *stream = arena_alloc(arena, sizeof *stream);
    *stream = (struct openai_stream){.arena = arena,
                                     .line = buf_new(arena),
                                     .data = buf_new(arena),
                                     .content = buf_new(arena),
                                     .refusal = buf_new(arena)};
    return stream;
}

void openai_stream_free(struct openai_stream *stream)
{
    json_decref(stream->finish_reason);
    json_decref(stream->usage);
    json_decref(stream->error);
}

const char *openai_stream_content(const struct openai_stream *stream, size_t *len)
{
    *len = stream->content.len;
    return stream->content.text;
}

static void clear(struct buf *buf)
{
    buf->len = 0;
    buf->text[0] = '\0';
}

/* ---- a chunk ---- */

static void keep(json_t **kept, json_t *value)
{
    if (!value || json_is_null(value))
        return;
    json_decref(*kept);
    *kept = json_incref(value);
}

/* A piece of text, or a list of parts of which those of type text are some. */
static void add_piece(struct buf *out, const json_t *piece)
{
    size_t i;
    const json_t *part;
    if (json_is_string(piece))
        buf_add(out, json_string_value(piece), json_string_length(piece));
    json_array_foreach (piece, i, part) {
        const char *type = json_string_value(json_object_get(part, "type"));
        const char *text = json_string_value(json_object_get(part, "text"));
        if (type && text && strcmp(type, "text") == 0)
            buf_str(out, text);
    }
}

/* Some servers send the last chunk, or all of them, as a message in place of a delta. */
static void take_chunk(struct openai_stream *stream, const json_t *chunk)
{
    const json_t *choice = json_array_get(json_object_get(chunk, "choices"), 0);
    const json_t *delta = json_object_get(choice, "delta");
    const json_t *piece = json_is_object(delta) ? delta : json_object_get(choice, "message");
    add_piece(&stream->content, json_object_get(piece, "content"));
    add_piece(&stream->refusal, json_object_get(piece, "refusal"));
    keep(&stream->finish_reason, json_object_get(choice, "finish_reason"));
    keep(&stream->usage, json_object_get(chunk, "usage"));
    keep(&stream->error, json_object_get(chunk, "error"));
    keep(&stream->error, json_object_get(choice, "error"));
}

/* Takes the chunks that are whole, and keeps the rest. */
static void take_chunks(struct openai_stream *stream)
{
    static const char end_mark[] = "[DONE]";
    const char *at = stream->data.text, *end = at + stream->data.len;
    json_error_t why;
    json_t *chunk;
    while ((chunk = json_loadb(at, (size_t)(end - at), JSON_DISABLE_EOF_CHECK, &why))) {
        take_chunk(stream, chunk);
        json_decref(chunk);
        at += why.position;
    }
    at += strspn(at, " \t\n");
    stream->done = stream->done || strncmp(at, end_mark, sizeof end_mark - 1) == 0;
    size_t rest = (size_t)(end - at);
    memmove(stream->data.text, at, rest + 1);
    stream->data.len = rest;
}

static void end_event(struct openai_stream *stream)
{
    take_chunks(stream);
    clear(&stream->data);
}

/* ---- lines ---- */

/* Servers that leave out the blank line between events have a chunk on each line, so the first
 * line of an event is looked at as it comes. A chunk of several lines waits for its event's end:
 * looking at each of them would read the first ones again and again. */
static void take_data(struct openai_stream *stream, const char *value)
{
    bool is_first = stream->data.len == 0;
    buf_str(&stream->data, value + (*value == ' '));
    buf_str(&stream->data, "\n");
    if (is_first)
        take_chunks(stream);
}

static void take_line(struct openai_stream *stream)
{
    static const char field[] = "data:";
    const char *line = stream->line.text;
    if (stream->line.len == 0)
        end_event(stream);
    if (strncmp(line, field, sizeof field - 1) == 0) {
        stream->is_stream = true;
        take_data(stream, line + sizeof field - 1);
    }
    clear(&stream->line);
}

/* A line ends with LF, or CR LF. No server is known that ends them with CR alone, as the format
 * allows. */
bool openai_stream_add(struct openai_stream *stream, const char *bytes, size_t len)
{
    for (const char *end = bytes + len; bytes < end && !stream->too_long;) {
        const char *line_end = memchr(bytes, '\n', (size_t)(end - bytes));
        size_t piece = (size_t)((line_end ? line_end : end) - bytes);
        buf_add(&stream->line, bytes, piece);
        bytes += piece;
        stream->too_long = MAX(MAX(stream->line.len, stream->data.len), stream->content.len) > LONGEST;
        if (!line_end)
            break;
        bytes++;
        if (stream->line.len > 0 && stream->line.text[stream->line.len - 1] == '\r')
            stream->line.text[--stream->line.len] = '\0';
        take_line(stream);
    }
    return stream->is_stream;
}

json_t *openai_stream_answer(struct openai_stream *stream)
{
    take_line(stream); /* a last line without its end */
    end_event(stream);
    bool is_whole = stream->done || stream->finish_reason || stream->error;
    if (!stream->is_stream || !is_whole || stream->too_long)
        return NULL;
    return json_pack("{s:[{s:O*,s:{s:s,s:s}}],s:O*,s:O*}", "choices", "finish_reason", stream->finish_reason, "message",
                     "content", stream->content.text, "refusal", stream->refusal.text, "usage", stream->usage, "error",
                     stream->error);
}
