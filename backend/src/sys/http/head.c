#include "sys/http/head.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* ---- where it ends ---- */

static bool is_control(unsigned char byte)
{
    return (byte < ' ' && byte != '\t') || byte == 0x7f;
}

enum head_found head_scan(struct head_scan *scan, const char *bytes, size_t len)
{
    for (; scan->at < len; scan->at++) {
        unsigned char byte = (unsigned char)bytes[scan->at];
        if (scan->after_cr != (byte == '\n') || (is_control(byte) && byte != '\r' && byte != '\n'))
            return HEAD_BROKEN;
        scan->after_cr = byte == '\r';
        if (byte != '\n')
            continue;
        if (scan->at == scan->line + 1) {
            scan->at++;
            return HEAD_WHOLE;
        }
        scan->line = scan->at + 1;
    }
    return HEAD_MORE;
}

/* ---- characters ---- */

/* RFC 9110, section 5.6.2 */
static bool is_token(const char *text)
{
    if (!*text)
        return false;
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && !strchr("!#$%&'*+-.^_`|~", *text))
            return false;
    return true;
}

static char *trim(char *text)
{
    text += strspn(text, " \t");
    size_t len = strlen(text);
    while (len > 0 && strchr(" \t", text[len - 1]))
        len--;
    text[len] = '\0';
    return text;
}

/* Cuts the text at the first such character and returns what is behind it; NULL: there is none. */
static char *cut(char *text, char at)
{
    char *found = strchr(text, at);
    if (!found)
        return NULL;
    *found = '\0';
    return found + 1;
}

/* ---- the request line ---- */

/* "http://host/path?query" (RFC 9112, section 3.2.2): what is behind the host; NULL: it is another
 * form. */
static const char *behind_host(const char *target)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < COUNT(schemes); i++) {
        size_t len = strlen(schemes[i]);
        if (strncasecmp(target, schemes[i], len) != 0)
            continue;
        size_t host = strcspn(target + len, "/?");
        return host > 0 && !memchr(target + len, '@', host) ? target + len + host : NULL;
    }
    return NULL;
}

static int read_target(struct head *head, struct arena *arena, const char *target)
{
    bool is_server = strcmp(target, "*") == 0 && strcmp(head->method, "OPTIONS") == 0;
    const char *origin = *target == '/' || is_server ? target : behind_host(target);
    if (!origin || strpbrk(target, "\t#")) /* fragments stay with the client */
        return 400;
    size_t path = strcspn(origin, "?");
    head->path = path > 0 ? arena_copy(arena, origin, path) : "/";
    head->query = origin[path] ? origin + path + 1 : "";
    return 0;
}

/* Any other is 400 and not 505: a 5xx is this service's fault, and strangers could make those. */
static int read_version(struct head *head, const char *version)
{
    head->is_1_0 = strcmp(version, "HTTP/1.0") == 0;
    return head->is_1_0 || strcmp(version, "HTTP/1.1") == 0 ? 0 : 400;
}

static int read_request_line(struct head *head, struct arena *arena, char *line)
{
    char *target = cut(line, ' '), *version = target ? cut(target, ' ') : NULL;
    if (!version || !is_token(line))
        return 400;
    head->method = line;
    int wrong = read_target(head, arena, target);
    return wrong ? wrong : read_version(head, version);
}

/* ---- fields ---- */

/* A folded line begins with a blank, which no name has. */
static int read_field(struct head *head, char *line)
{
    char *value = cut(line, ':');
    if (!value || !is_token(line))
        return 400;
    if (head->field_count == HEAD_FIELDS_MAX)
        return 431;
    head->fields[head->field_count++] = (struct field){.name = line, .value = trim(value)};
    return 0;
}

const struct field *head_find_next(const struct head *head, const struct field *before)
{
    for (const struct field *f = before + 1; f < head->fields + head->field_count; f++)
        if (strcasecmp(f->name, before->name) == 0)
            return f;
    return NULL;
}

const struct field *head_find(const struct head *head, const char *name)
{
    for (const struct field *f = head->fields; f < head->fields + head->field_count; f++)
        if (strcasecmp(f->name, name) == 0)
            return f;
    return NULL;
}

static bool is_repeated(const struct head *head, const struct field *f)
{
    return f && head_find_next(head, f);
}

/* Whether one of the list's members is this word (RFC 9110, section 5.6.1). */
static bool lists(const char *list, const char *word)
{
    size_t len = strlen(word);
    while (*(list += strspn(list, " \t,"))) {
        size_t member = strcspn(list, ","), end = member;
        while (strchr(" \t", list[end - 1]))
            end--;
        if (end == len && strncasecmp(list, word, len) == 0)
            return true;
        list += member;
    }
    return false;
}

static bool any_lists(const struct head *head, const char *name, const char *word)
{
    const struct field *f = head_find(head, name);
    while (f && !lists(f->value, word))
        f = head_find_next(head, f);
    return f != NULL;
}

/* ---- framing (RFC 9112, section 6) ---- */

static bool read_length(const char *value, uint64_t *length)
{
    enum { MOST_DIGITS = 18 };
    size_t digits = strspn(value, "0123456789");
    if (digits == 0 || digits > MOST_DIGITS || value[digits])
        return false;
    *length = 0;
    for (; *value; value++)
        *length = *length * 10 + (uint64_t)(*value - '0');
    return true;
}

static bool host_is_clear(const struct head *head)
{
    const struct field *host = head_find(head, "Host");
    if (!host)
        return head->is_1_0;
    return !is_repeated(head, host) && !host->value[strcspn(host->value, " \t/?#@,")];
}

static int read_framing(struct head *head)
{
    const struct field *length = head_find(head, "Content-Length"), *coding = head_find(head, "Transfer-Encoding");
    head->is_chunked = coding && strcasecmp(coding->value, "chunked") == 0;
    bool is_clear = !(length && coding) && !is_repeated(head, length) && !is_repeated(head, coding) &&
                    (!coding || (head->is_chunked && !head->is_1_0)) &&
                    (!length || read_length(length->value, &head->length));
    if (!is_clear || !host_is_clear(head))
        return 400;
    head->keeps_alive =
        !any_lists(head, "Connection", "close") && (!head->is_1_0 || any_lists(head, "Connection", "keep-alive"));
    head->waits_for_go_ahead = !head->is_1_0 && any_lists(head, "Expect", "100-continue");
    return 0;
}

/* ---- the whole ---- */

/* The next line without its end; NULL: none is whole. */
static char *next_line(char **at)
{
    char *line = *at, *end = strstr(line, "\r\n");
    if (!end)
        return NULL;
    *end = '\0';
    *at = end + 2;
    return line;
}

static int fields_at_most(const char *bytes, size_t len)
{
    int lines = 0;
    for (const char *end = bytes + len;
         lines < HEAD_FIELDS_MAX && (bytes = memchr(bytes, '\n', (size_t)(end - bytes)));)
        bytes++, lines++;
    return lines;
}

int head_read(struct head *head, struct arena *arena, const char *bytes, size_t len)
{
    *head = (struct head){.method = "", .path = "", .query = ""};
    head->fields = arena_alloc(arena, (size_t)fields_at_most(bytes, len) * sizeof *head->fields);
    char *at = arena_copy(arena, bytes, len), *line = next_line(&at);
    int wrong = line ? read_request_line(head, arena, line) : 400;
    while (!wrong && (line = next_line(&at)) && *line)
        wrong = read_field(head, line);
    return wrong ? wrong : read_framing(head);
}
