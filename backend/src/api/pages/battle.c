#include "api/pages/battle.h"

#include <string.h>

#include "api/pages/parts.h"
#include "api/thread.h"
#include "base/html.h"
#include "base/text.h"
#include "base/url.h"
#include "domain/battle.h"
#include "domain/card/card.h"

enum { THREAD, META }; /* sources */

enum { DESCRIPTION_MAX = 200, CARD_REPLIES_MAX = 50 };

static const json_t *post_of(const struct page_view *view)
{
    return json_object_get(view->data[THREAD], "post");
}

static const json_t *replies_of(const struct page_view *view)
{
    return json_object_get(view->data[THREAD], "replies");
}

/* NULL: it has none. */
static const json_t *sides_of(const struct page_view *view)
{
    const json_t *sides = json_object_get(view->data[THREAD], "sides");
    return json_is_object(sides) ? sides : NULL;
}

static bool has_summary(const struct page_view *view)
{
    const char *status = data_text(view->data[THREAD], "ai_summary_status");
    return strcmp(status, "fresh") == 0 || strcmp(status, "stale") == 0;
}

void battle_seen(struct call *call, const struct page_view *view)
{
    if (strcmp(data_text(view->data[THREAD], "ai_summary_status"), "fresh") != 0)
        thread_ask_summary(call);
}

/* ---- the card's text ---- */

static struct said said_of(const json_t *post)
{
    return (struct said){.author = data_text(post, "persona_name"),
                         .content = data_text(post, "content"),
                         .language = data_text(post, "language")};
}

/* What the card is drawn from (sql/cards/show.sql), as far as this page has it. */
static struct brief brief_of(const struct page_view *view)
{
    const json_t *replies = replies_of(view);
    int count = (int)MIN(json_array_size(replies), CARD_REPLIES_MAX);
    struct said *said = arena_alloc(view->arena, (size_t)count * sizeof *said + 1);
    for (int i = 0; i < count; i++)
        said[i] = said_of(json_array_get(replies, (size_t)i));
    return (struct brief){.room_name = data_text(view->data[META], "room_name"),
                          .post = said_of(post_of(view)),
                          .replies = said,
                          .reply_count = count};
}

static void add_sentence(struct buf *text, const char *sentence)
{
    static const char *const ends[] = {".", "!", "?", "…", "。", "！", "？"};
    size_t len = strlen(sentence);
    buf_printf(text, "%s%s", text->len && len ? " " : "", sentence);
    for (size_t i = 0; i < COUNT(ends); i++)
        if (len >= strlen(ends[i]) && strcmp(sentence + len - strlen(ends[i]), ends[i]) == 0)
            return;
    buf_str(text, len ? "." : "");
}

static void add_voice(struct buf *text, const struct card_voice *voice)
{
    if (*voice->name && *voice->quote)
        add_sentence(text, arena_printf(text->arena, "%s: %s", voice->name, voice->quote));
    else if (*voice->quote)
        add_sentence(text, voice->quote);
}

/* "Topic. Name: what the card quotes of them. Name: …" */
static const char *card_text(const struct page_view *view)
{
    const struct brief brief = brief_of(view);
    const struct card card = card_make(&brief, brief.reply_count, "", view->arena);
    struct buf text = buf_new(view->arena);
    add_sentence(&text, card.topic);
    for (int i = 0; i < card.side_count; i++)
        add_voice(&text, &card.sides[i]);
    add_voice(&text, &card.third);
    return text.text;
}

/* ---- the head ---- */

/* With the id as answers spell it, however the path did. */
static const char *battle_address(const struct page_view *view)
{
    return arena_printf(view->arena, "/b/%s", data_text(view->data[META], "battle_id"));
}

struct page_head battle_head(const struct page_view *view)
{
    const json_t *meta = view->data[META], *post = post_of(view);
    const char *about = has_summary(view) ? data_text(view->data[THREAD], "ai_summary") : data_text(post, "content");
    struct buf oembed = buf_new(view->arena);
    buf_str(&oembed, "/oembed?url=");
    url_encode(&oembed, data_text(meta, "share_url"));
    return (struct page_head){.title = data_text(meta, "topic"),
                              .description = text_preview(view->arena, about, DESCRIPTION_MAX),
                              .type = "article",
                              .address = battle_address(view),
                              .card = data_text(meta, "card_url"),
                              .card_text = card_text(view),
                              .published = data_text(post, "created_at"),
                              .oembed = oembed.text};
}

/* ---- the text ---- */

static void add_template(struct buf *html, const struct page_view *view)
{
    const json_t *template = json_object_get(view->data[META], "template");
    const char *name = data_text(template, "name");
    if (*name)
        part_words(html, "span", "template", word_with(html->arena, view->language, WORD_TEMPLATE_IS, name));
}

static void add_title(struct buf *html, const struct page_view *view)
{
    const json_t *meta = view->data[META], *post = post_of(view);
    buf_str(html, "<p class=\"meta crumbs\">");
    part_said(html, "span", "room", data_text(meta, "room_name"), "");
    add_template(html, view);
    part_day(html, view->language, data_text(post, "created_at"));
    buf_str(html, "</p><h1 tabindex=\"-1\" dir=\"auto\" lang=\"");
    buf_html(html, data_text(post, "language"));
    buf_str(html, "\">");
    buf_html(html, data_text(meta, "topic"));
    buf_str(html, "</h1>");
}

static void add_side(struct buf *html, enum language language, enum word head, const char *style)
{
    if (!*style)
        return;
    buf_str(html, "<div>");
    part_words(html, "dt", NULL, word(language, head));
    part_said(html, "dd", NULL, style, "");
    buf_str(html, "</div>");
}

/* What both sides are like, where the battle has sides. */
static void add_sides(struct buf *html, const struct page_view *view)
{
    const json_t *sides = sides_of(view);
    if (!sides)
        return;
    buf_str(html, "<dl class=\"sides\">");
    add_side(html, view->language, WORD_FOR, data_text(sides, "pro_style"));
    add_side(html, view->language, WORD_AGAINST, data_text(sides, "con_style"));
    buf_str(html, "</dl>");
}

/* A post or a reply, as a link may point at it. `said` is what is shown of its text. */
static void add_post(struct buf *html, const struct page_view *view, const char *class, const json_t *post,
                     const char *said)
{
    buf_str(html, "<article class=\"");
    buf_str(html, class);
    buf_str(html, "\" id=\"post-");
    buf_html(html, data_text(post, "id"));
    buf_str(html, "\">");
    part_author(html, view->language, post);
    if (*said)
        part_said(html, "p", "text", said, data_text(post, "language"));
    buf_str(html, "</article>");
}

/* Where the battle has sides, the lines that say so stand above already. */
static const char *opening_of(struct arena *arena, const struct page_view *view)
{
    const char *content = data_text(post_of(view), "content");
    if (!sides_of(view))
        return content;
    const char *body = battle_body(arena, content);
    return text_trim(arena, body, strlen(body));
}

/* Where the battle's template is used for another one. */
static const char *composer_address(struct arena *arena, const struct page_view *view, const char *template)
{
    return arena_printf(arena, "/battles/new?room=%s&template=%s", data_text(view->data[META], "room_id"), template);
}

static void add_acts(struct buf *html, const struct page_view *view)
{
    const char *signup = signup_address(html->arena, battle_address(view));
    const char *template = data_text(json_object_get(view->data[META], "template"), "id");
    buf_str(html, "<p class=\"acts\">");
    part_link(html, "act main", arena_printf(html->arena, "%s&remix=1", signup), word(view->language, WORD_REMIX));
    part_link(html, "act", signup, word(view->language, WORD_ASK_REPLIES));
    if (*template)
        part_link(html, "act", signup_address(html->arena, composer_address(html->arena, view, template)),
                  word(view->language, WORD_USE_TEMPLATE));
    part_link(html, "act", data_text(view->data[META], "card_url"), word(view->language, WORD_SHARE));
    buf_str(html, "</p>");
}

/* It always says in one line how it stands, so that nothing moves when that changes. */
static enum word summary_state(const struct page_view *view)
{
    if (!has_summary(view))
        return WORD_NO_SUMMARY;
    bool is_fresh = strcmp(data_text(view->data[THREAD], "ai_summary_status"), "fresh") == 0;
    return is_fresh ? WORD_FRESH_SUMMARY : WORD_STALE_SUMMARY;
}

static void add_summary(struct buf *html, const struct page_view *view)
{
    const json_t *thread = view->data[THREAD];
    buf_str(html, "<section class=\"summary\">");
    part_words(html, "h2", NULL, word(view->language, WORD_SUMMARY));
    if (has_summary(view))
        part_said(html, "p", "text", data_text(thread, "ai_summary"), "");
    part_words(html, "p", "note", word(view->language, summary_state(view)));
    buf_str(html, "</section>");
}

static const json_t *writers_of(const struct page_view *view)
{
    return json_object_get(json_object_get(view->data[THREAD], "pending"), "names");
}

/* Those who are about to answer, each in the place that the reply will take. */
static void add_writing(struct buf *html, const struct page_view *view)
{
    size_t i, before = json_array_size(replies_of(view)), all = before + json_array_size(writers_of(view));
    const json_t *name;
    json_array_foreach (writers_of(view), i, name) {
        if (!json_is_string(name))
            continue;
        buf_str(html, "<p class=\"writing\">");
        part_words(html, "span", NULL, word_with(html->arena, view->language, WORD_WRITING, json_string_value(name)));
        part_words(html, "span", "fine", arena_printf(html->arena, "%zu/%zu", before + i + 1, all));
        buf_str(html, "</p>");
    }
}

static const char *replies_words(const struct page_view *view)
{
    int64_t count = (int64_t)json_array_size(replies_of(view));
    bool has_more = *data_text(view->data[THREAD], "next_cursor");
    if (count == 0)
        return word(view->language, WORD_NO_REPLIES);
    return word_counted(view->arena, view->language, has_more ? WORD_MORE_REPLIES : WORD_REPLIES, count);
}

/* Two voices stand side by side, where there is room. */
static bool has_two_voices(const struct page_view *view)
{
    return json_array_size(replies_of(view)) + json_array_size(writers_of(view)) == 2;
}

static void add_replies(struct buf *html, const struct page_view *view)
{
    size_t i;
    const json_t *reply;
    buf_str(html, "<section class=\"replies\">");
    part_words(html, "h2", NULL, replies_words(view));
    buf_printf(html, "<div class=\"said%s\">", has_two_voices(view) ? " abreast" : "");
    json_array_foreach (replies_of(view), i, reply)
        add_post(html, view, "reply", reply, data_text(reply, "content"));
    add_writing(html, view);
    buf_str(html, "</div></section>");
}

void battle_text(struct buf *html, const struct page_view *view)
{
    add_title(html, view);
    add_sides(html, view);
    add_post(html, view, "post", post_of(view), opening_of(html->arena, view));
    add_acts(html, view);
    add_summary(html, view);
    add_replies(html, view);
}
