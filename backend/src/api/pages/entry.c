#include "api/pages/entry.h"

#include "api/pages/parts.h"
#include "base/html.h"

struct entry {
    enum word title, press, question, other;
    const char *password; /* what a browser fills in: "new-password" */
    const char *address, *other_address;
    bool has_hint;
};

static const struct entry signup = {.title = WORD_SIGN_UP,
                                    .press = WORD_START,
                                    .question = WORD_HAVE_ACCOUNT,
                                    .other = WORD_LOG_IN,
                                    .password = "new-password",
                                    .address = "/signup",
                                    .other_address = "/login",
                                    .has_hint = true};
static const struct entry login = {.title = WORD_LOG_IN,
                                   .press = WORD_LOG_IN,
                                   .question = WORD_NO_ACCOUNT,
                                   .other = WORD_SIGN_UP,
                                   .password = "current-password",
                                   .address = "/login",
                                   .other_address = "/signup"};

static struct page_head head_of(const struct page_view *view, const struct entry *entry)
{
    return (struct page_head){.title = word(view->language, entry->title),
                              .description = word(view->language, WORD_LANDING),
                              .type = "website",
                              .address = entry->address};
}

static void add_field(struct buf *html, const struct page_view *view, enum word label, const char *type,
                      const char *autocomplete, const char *hint)
{
    buf_printf(html, "<div class=\"field\"><label for=\"%s\">", type);
    buf_html(html, word(view->language, label));
    buf_printf(html, "</label><input id=\"%s\" name=\"%s\" type=\"%s\" autocomplete=\"%s\" required>", type, type, type,
               autocomplete);
    if (hint)
        part_words(html, "p", "hint", hint);
    buf_str(html, "</div>\n");
}

/* The button works when the application is there: nothing else can send the form as the API wants
 * it. */
static void add_entry(struct buf *html, const struct page_view *view, const struct entry *entry)
{
    enum language language = view->language;
    buf_str(html, "<div class=\"narrow\">\n<h1 tabindex=\"-1\">");
    buf_html(html, word(language, entry->title));
    buf_str(html, "</h1>\n<form method=\"post\">\n");
    add_field(html, view, WORD_EMAIL, "email", "username", NULL);
    add_field(html, view, WORD_PASSWORD, "password", entry->password,
              entry->has_hint ? word(language, WORD_PASSWORD_HINT) : NULL);
    buf_str(html, "<button type=\"submit\" disabled>");
    buf_html(html, word(language, entry->press));
    buf_str(html, "</button>\n</form>\n<p>");
    buf_html(html, word(language, entry->question));
    buf_str(html, " ");
    part_link(html, NULL, entry->other_address, word(language, entry->other));
    buf_str(html, "</p>\n</div>\n");
}

struct page_head signup_head(const struct page_view *view)
{
    return head_of(view, &signup);
}

void signup_text(struct buf *html, const struct page_view *view)
{
    add_entry(html, view, &signup);
}

struct page_head login_head(const struct page_view *view)
{
    return head_of(view, &login);
}

void login_text(struct buf *html, const struct page_view *view)
{
    add_entry(html, view, &login);
}
