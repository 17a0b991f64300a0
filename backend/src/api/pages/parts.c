#include "api/pages/parts.h"

#include <string.h>

#include "base/html.h"
#include "base/text.h"
#include "base/url.h"

/* ---- members of answers ---- */

const char *data_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

int64_t data_number(const json_t *object, const char *name, int64_t missing)
{
    const json_t *number = json_object_get(object, name);
    return json_is_integer(number) ? json_integer_value(number) : missing;
}

/* ---- addresses ---- */

const char *signup_address(struct arena *arena, const char *next)
{
    struct buf address = buf_new(arena);
    buf_str(&address, "/signup?next=");
    url_encode(&address, next);
    return address.text;
}

/* ---- elements ---- */

static void open_tag(struct buf *html, const char *tag, const char *class)
{
    buf_str(html, "<");
    buf_str(html, tag);
    if (!class)
        return;
    buf_str(html, " class=\"");
    buf_str(html, class);
    buf_str(html, "\"");
}

static void close_with(struct buf *html, const char *tag, const char *text)
{
    buf_str(html, ">");
    buf_html(html, text);
    buf_str(html, "</");
    buf_str(html, tag);
    buf_str(html, ">");
}

void part_words(struct buf *html, const char *tag, const char *class, const char *words)
{
    open_tag(html, tag, class);
    close_with(html, tag, words);
}

void part_said(struct buf *html, const char *tag, const char *class, const char *said, const char *language)
{
    open_tag(html, tag, class);
    buf_str(html, " dir=\"auto\" lang=\"");
    buf_html(html, language);
    buf_str(html, "\"");
    close_with(html, tag, said);
}

void part_heading(struct buf *html, const char *words)
{
    buf_str(html, "<h1 tabindex=\"-1\"");
    close_with(html, "h1", words);
}

void part_link(struct buf *html, const char *class, const char *address, const char *words)
{
    open_tag(html, "a", class);
    buf_str(html, " href=\"");
    buf_html(html, address);
    buf_str(html, "\"");
    close_with(html, "a", words);
}

void part_counted(struct buf *html, enum language language, enum word which, int64_t count)
{
    if (count > 0)
        part_words(html, "span", NULL, word_counted(html->arena, language, which, count));
}

void part_day(struct buf *html, enum language language, const char *time)
{
    const char *day = day_words(html->arena, language, time);
    if (!*day)
        return;
    buf_str(html, "<time datetime=\"");
    buf_html(html, time);
    buf_str(html, "\"");
    close_with(html, "time", day);
}

/* ---- marks ---- */

enum { MARK_PAIRS = 12 }; /* of colours: style.css */

static const char *const mark_shapes[] = {
    "M20 2 38 20 20 38 2 20Z",
    "M4 4H36V36H4Z",
    "M20 2A18 18 0 1 1 20 38 18 18 0 1 1 20 2Z",
    "M11 3H29L38 20 29 37H11L2 20Z",
    "M20 2 37 14 31 36H9L3 14Z",
    "M10 2H30Q38 2 38 10V30Q38 38 30 38H10Q2 38 2 30V10Q2 2 10 2Z",
};

/* FNV-1a, 32 bits (Fowler, Noll, Vo), as the application has it. */
static uint32_t mark_number(const char *id)
{
    uint32_t value = 0x811C9DC5;
    for (; *id; id++)
        value = (value ^ (unsigned char)*id) * 0x01000193;
    return value;
}

void part_mark(struct buf *html, enum language language, const char *id, const char *name)
{
    uint32_t number = mark_number(id);
    buf_printf(html, "<span class=\"mark pair-%u\" data-initial=\"", number % MARK_PAIRS);
    buf_html(html, text_initial(html->arena, name, language == LANGUAGE_TR));
    buf_printf(html, "\" aria-hidden=\"true\"><svg viewBox=\"0 0 40 40\"><path d=\"%s\"></path></svg></span>",
               mark_shapes[number / MARK_PAIRS % COUNT(mark_shapes)]);
}

/* ---- authors ---- */

static const struct {
    const char *name;
    enum word word;
} provenances[] = {
    {"AI", WORD_BY_AI},
    {"AI_DRAFT_APPROVED", WORD_BY_AI_APPROVED},
    {"HUMAN", WORD_BY_HUMAN},
};

/* A human who wrote without a persona has no name here: how it was written says it. */
static void add_nobody(struct buf *html, enum language language, const json_t *post)
{
    if (strcmp(data_text(post, "authored_by"), "HUMAN") != 0)
        part_words(html, "span", "name", word(language, WORD_NOBODY));
}

static void add_name(struct buf *html, enum language language, const json_t *post)
{
    const char *name = data_text(post, "persona_name"), *slug = data_text(post, "persona_slug");
    const char *id = data_text(post, "persona_id");
    if (!*name) {
        add_nobody(html, language, post);
        return;
    }
    if (*id)
        part_mark(html, language, id, name);
    if (*slug) {
        buf_str(html, "<a href=\"/p/");
        buf_html(html, slug);
        buf_str(html, "\">");
    }
    part_said(html, "span", "name", name, data_text(post, "language"));
    buf_str(html, *slug ? "</a>" : "");
}

void part_provenance(struct buf *html, enum language language, const json_t *post)
{
    for (size_t i = 0; i < COUNT(provenances); i++)
        if (strcmp(provenances[i].name, data_text(post, "authored_by")) == 0)
            part_words(html, "span", "badge", word(language, provenances[i].word));
}

void part_author(struct buf *html, enum language language, const json_t *post)
{
    buf_str(html, "<p class=\"by\">");
    add_name(html, language, post);
    part_provenance(html, language, post);
    part_day(html, language, data_text(post, "created_at"));
    buf_str(html, "</p>");
}
