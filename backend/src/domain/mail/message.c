#include "domain/mail/message.h"

#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/mailbox.h"
#include "base/utf8.h"

/* ---- headers ---- */

/* What stands for itself within an encoded word and in a name without quotes. */
static bool is_safe(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '!';
}

static bool is_plain_header(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!is_safe(text[i]) && text[i] != ' ')
            return false;
    return true;
}

static void add_hex(struct buf *out, char c)
{
    buf_printf(out, "=%02X", (unsigned char)c);
}

/* Encoded words (RFC 2047), each with whole UTF-8 characters; lines are
 * folded between them. */
static void add_encoded(struct buf *out, const char *text, size_t len)
{
    enum { CONTENT_MAX = 52 }; /* so that a line with the name of its header has 76 */
    size_t word = 0;           /* where the content of the present word begins */
    for (size_t i = 0, bytes; i < len; i += bytes) {
        bytes = MAX(utf8_length_at(text + i, len - i), 1);
        if (i == 0 || out->len - word + 3 * bytes > CONTENT_MAX) {
            buf_str(out, i ? "?=\r\n =?UTF-8?Q?" : "=?UTF-8?Q?");
            word = out->len;
        }
        for (size_t k = 0; k < bytes; k++)
            if (is_safe(text[i + k]))
                buf_add(out, text + i + k, 1);
            else
                add_hex(out, text[i + k]);
    }
    buf_str(out, "?=");
}

static void add_words(struct buf *out, const char *text, size_t len)
{
    if (is_plain_header(text, len))
        buf_add(out, text, len);
    else
        add_encoded(out, text, len);
}

static void add_date(struct buf *out, int64_t unix_s)
{
    char text[64];
    struct tm tm;
    const time_t at = (time_t)unix_s;
    gmtime_r(&at, &tm);
    strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S +0000", &tm);
    buf_printf(out, "Date: %s\r\n", text);
}

static void add_headers(struct buf *out, const struct mail *mail)
{
    struct mailbox from;
    if (!mailbox_read(mail->from, &from))
        from = (struct mailbox){.name = "", .address = "", .address_len = 0};
    buf_str(out, "From: ");
    add_words(out, from.name, from.name_len);
    buf_printf(out, "%s<%.*s>\r\nTo: <%s>\r\nSubject: ", from.name_len ? " " : "", (int)from.address_len, from.address,
               mail->to);
    add_words(out, mail->subject, strlen(mail->subject));
    buf_str(out, "\r\n");
    add_date(out, mail->unix_s);
    const char *domain = memrchr(from.address, '@', from.address_len);
    buf_printf(out, "Message-ID: <%s%.*s>\r\n", mail->id, domain ? (int)(from.address + from.address_len - domain) : 0,
               domain ? domain : "");
    buf_str(out,
            "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n");
}

/* ---- the text ---- */

/* Quoted-printable (RFC 2045, section 6.7). No line of a body ends with a blank. */
static void add_quoted_line(struct buf *out, const char *line, size_t len)
{
    enum { LINE_MAX_CHARS = 76 };
    size_t column = 0;
    for (size_t i = 0; i < len; i++) {
        bool plain = line[i] >= ' ' && line[i] <= '~' && line[i] != '=';
        size_t width = plain ? 1 : 3;
        if (column + width > LINE_MAX_CHARS - 1) {
            buf_str(out, "=\r\n");
            column = 0;
        }
        if (plain)
            buf_add(out, line + i, 1);
        else
            add_hex(out, line[i]);
        column += width;
    }
    buf_str(out, "\r\n");
}

static void add_quoted(struct buf *out, const char *body)
{
    while (*body) {
        size_t len = strcspn(body, "\n");
        add_quoted_line(out, body, len);
        body += len + (body[len] == '\n');
    }
}

char *mail_message(struct arena *arena, const struct mail *mail)
{
    struct buf out = buf_new(arena);
    add_headers(&out, mail);
    add_quoted(&out, mail->body);
    return out.text;
}
