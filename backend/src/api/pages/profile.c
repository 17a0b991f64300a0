#include "api/pages/profile.h"

#include <string.h>

#include "api/pages/parts.h"
#include "base/html.h"
#include "base/text.h"

enum { DESCRIPTION_MAX = 200, CARD_TEXT_MAX = 200 };

static const json_t *profile_of(const struct page_view *view)
{
    return json_object_get(view->data[0], "profile");
}

static const json_t *posts_of(const struct page_view *view)
{
    return json_object_get(view->data[0], "latest_posts");
}

static const char *profile_address(const struct page_view *view)
{
    return arena_printf(view->arena, "/p/%s", data_text(profile_of(view), "slug"));
}

/* ---- the head ---- */

/* The picture is the card of the newest post. */
static void head_add_card(struct page_head *head, const struct page_view *view)
{
    const json_t *newest = json_array_get(posts_of(view), 0);
    if (!*data_text(newest, "id"))
        return;
    head->card = arena_printf(view->arena, "/b/%s/card.png", data_text(newest, "id"));
    head->card_text = text_preview(view->arena, data_text(newest, "content"), CARD_TEXT_MAX);
}

struct page_head profile_head(const struct page_view *view)
{
    const json_t *profile = profile_of(view);
    const char *name = data_text(profile, "name"), *bio = text_one_line(view->arena, data_text(profile, "bio"));
    struct page_head head = {.title = name,
                             .description = *bio ? text_preview(view->arena, bio, DESCRIPTION_MAX)
                                                 : word_with(view->arena, view->language, WORD_PROFILE_ABOUT, name),
                             .type = "profile",
                             .address = profile_address(view),
                             .atom = arena_printf(view->arena, "%s/feed.atom", profile_address(view))};
    head_add_card(&head, view);
    return head;
}

/* ---- the text ---- */

static void add_heading(struct buf *html, const struct page_view *view)
{
    const json_t *profile = profile_of(view);
    buf_str(html, "<div class=\"profile-head\">");
    part_mark(html, view->language, data_text(profile, "persona_id"), data_text(profile, "name"));
    buf_str(html, "<h1 tabindex=\"-1\" dir=\"auto\" lang=\"");
    buf_html(html, data_text(profile, "preferred_language"));
    buf_str(html, "\">");
    buf_html(html, data_text(profile, "name"));
    buf_str(html, "</h1></div>");
}

static void add_meta(struct buf *html, const struct page_view *view)
{
    const json_t *profile = profile_of(view);
    buf_str(html, "<p class=\"meta\">");
    part_words(html, "span", NULL, word(view->language, WORD_AI_PERSONA));
    part_counted(html, view->language, WORD_FOLLOWERS, data_number(profile, "followers", 0));
    part_counted(html, view->language, WORD_POSTS, data_number(profile, "posts_count", 0));
    buf_str(html, "</p>");
}

static enum word formality_of(const json_t *profile)
{
    static const enum word words[] = {WORD_FORMALITY_0, WORD_FORMALITY_1, WORD_FORMALITY_2, WORD_FORMALITY_3};
    int64_t formality = data_number(profile, "formality", 0);
    return words[formality >= 0 && formality < (int64_t)COUNT(words) ? formality : 0];
}

static void add_badges(struct buf *html, const struct page_view *view)
{
    const json_t *profile = profile_of(view);
    const char *tone = data_text(profile, "tone");
    bool is_turkish = strcmp(data_text(profile, "preferred_language"), "tr") == 0;
    buf_str(html, "<p class=\"badges\">");
    part_words(html, "span", "chip", word(view->language, is_turkish ? WORD_TURKISH : WORD_ENGLISH));
    if (*tone)
        part_words(html, "span", "chip tone", word_with(html->arena, view->language, WORD_TONE_IS, tone));
    part_words(html, "span", "chip", word(view->language, formality_of(profile)));
    buf_str(html, "</p>");
}

/* Who follows after signing up is asked nothing again: the address says what was meant. */
static void add_acts(struct buf *html, const struct page_view *view)
{
    const char *here = profile_address(view), *slug = data_text(profile_of(view), "slug");
    const char *own = signup_address(html->arena, "/personas/new");
    buf_str(html, "<div class=\"acts\">");
    part_link(html, "act main", signup_address(html->arena, arena_printf(html->arena, "%s?follow=1", here)),
              word(view->language, WORD_FOLLOW));
    part_link(html, "act", arena_printf(html->arena, "%s&share=%s", own, slug), word(view->language, WORD_CREATE_OWN));
    part_link(html, "act", arena_printf(html->arena, "%s/feed.atom", here), word(view->language, WORD_ATOM));
    buf_str(html, "</div>");
}

static void add_rooms(struct buf *html, const struct page_view *view)
{
    const json_t *rooms = json_object_get(view->data[0], "top_rooms"), *room;
    size_t i;
    if (json_array_size(rooms) == 0)
        return;
    buf_str(html, "<section class=\"rooms\">");
    part_words(html, "h2", NULL, word(view->language, WORD_ROOMS));
    buf_str(html, "<ul>");
    json_array_foreach (rooms, i, room) {
        buf_str(html, "<li>");
        part_said(html, "span", "room", data_text(room, "room_name"), "");
        part_counted(html, view->language, WORD_POSTS, data_number(room, "post_count", 0));
        buf_str(html, "</li>");
    }
    buf_str(html, "</ul></section>");
}

/* The day is the link to the battle, so that the text stays a text. */
static void add_post(struct buf *html, const struct page_view *view, const json_t *post)
{
    buf_str(html, "<article class=\"post\"><p class=\"meta\"><a href=\"/b/");
    buf_html(html, data_text(post, "id"));
    buf_str(html, "\">");
    part_said(html, "span", "room", data_text(post, "room_name"), "");
    part_day(html, view->language, data_text(post, "created_at"));
    buf_str(html, "</a>");
    part_provenance(html, view->language, post);
    buf_str(html, "</p>");
    part_said(html, "p", "text", data_text(post, "content"), data_text(profile_of(view), "preferred_language"));
    buf_str(html, "</article>");
}

static void add_posts(struct buf *html, const struct page_view *view)
{
    const json_t *posts = posts_of(view), *post;
    size_t i, count = json_array_size(posts);
    int64_t all = data_number(profile_of(view), "posts_count", (int64_t)count);
    buf_str(html, "<section class=\"posts\">");
    part_words(html, "h2", NULL,
               count == 0 ? word(view->language, WORD_NO_POSTS)
                          : word_counted(html->arena, view->language, WORD_POSTS, all));
    json_array_foreach (posts, i, post)
        add_post(html, view, post);
    buf_str(html, "</section>");
}

/* The application makes the same tree: web/src/views/profile.tsx. */
void profile_text(struct buf *html, const struct page_view *view)
{
    const json_t *profile = profile_of(view);
    add_heading(html, view);
    add_meta(html, view);
    add_badges(html, view);
    part_said(html, "p", "bio", data_text(profile, "bio"), data_text(profile, "preferred_language"));
    add_acts(html, view);
    add_rooms(html, view);
    add_posts(html, view);
}
