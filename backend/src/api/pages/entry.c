#include "api/pages/entry.h"

#include <string.h>

#include "api/pages/parts.h"
#include "base/html.h"

/* A form, and the link below it to another one. */
struct entry {
    enum word title, press;
    bool has_email;
    const char *password; /* what a browser fills in: "new-password"; NULL: none is asked for */
    enum word password_label;
    const char *address; /* NULL: a mail's link leads here, and nothing else may */
    enum word question, other;
    const char *other_address; /* NULL: there is no other */
    bool may_be_forgotten;     /* the password */
};

static const struct entry signup = {.title = WORD_SIGN_UP,
                                    .press = WORD_START,
                                    .has_email = true,
                                    .password = "new-password",
                                    .password_label = WORD_PASSWORD,
                                    .address = "/signup",
                                    .question = WORD_HAVE_ACCOUNT,
                                    .other = WORD_LOG_IN,
                                    .other_address = "/login"};
static const struct entry login = {.title = WORD_LOG_IN,
                                   .press = WORD_LOG_IN,
                                   .has_email = true,
                                   .password = "current-password",
                                   .password_label = WORD_PASSWORD,
                                   .address = "/login",
                                   .question = WORD_NO_ACCOUNT,
                                   .other = WORD_SIGN_UP,
                                   .other_address = "/signup",
                                   .may_be_forgotten = true};
static const struct entry verify = {.title = WORD_VERIFY, .press = WORD_CONFIRM};
static const struct entry reset = {
    .title = WORD_RESET, .press = WORD_SAVE, .password = "new-password", .password_label = WORD_NEW_PASSWORD};

static struct page_head head_of(const struct page_view *view, const struct entry *entry)
{
    return (struct page_head){.title = word(view->language, entry->title),
                              .description = word(view->language, WORD_LANDING),
                              .type = "website",
                              .address = entry->address,
                              .is_hidden = !entry->address};
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
    buf_str(html, "</div>");
}

static void add_password(struct buf *html, const struct page_view *view, const struct entry *entry)
{
    bool is_new = strcmp(entry->password, "new-password") == 0;
    add_field(html, view, entry->password_label, "password", entry->password,
              is_new ? word(view->language, WORD_PASSWORD_HINT) : NULL);
}

/* The button works when the application is there: nothing else can send the form as the API wants
 * it. */
static void add_form(struct buf *html, const struct page_view *view, const struct entry *entry)
{
    buf_str(html, "<form method=\"post\">");
    if (entry->has_email)
        add_field(html, view, WORD_EMAIL, "email", "username", NULL);
    if (entry->password)
        add_password(html, view, entry);
    buf_str(html, "<button type=\"submit\" disabled>");
    buf_html(html, word(view->language, entry->press));
    buf_str(html, "</button></form>");
}

static void add_other(struct buf *html, const struct page_view *view, const struct entry *entry)
{
    if (!entry->other_address)
        return;
    buf_str(html, "<p>");
    buf_html(html, word(view->language, entry->question));
    buf_str(html, " ");
    part_link(html, NULL, entry->other_address, word(view->language, entry->other));
    buf_str(html, "</p>");
}

static void add_entry(struct buf *html, const struct page_view *view, const struct entry *entry)
{
    buf_str(html, "<div class=\"narrow\">");
    part_heading(html, word(view->language, entry->title));
    add_form(html, view, entry);
    if (entry->may_be_forgotten) {
        buf_str(html, "<p>");
        part_link(html, NULL, "/reset", word(view->language, WORD_FORGOT_PASSWORD));
        buf_str(html, "</p>");
    }
    add_other(html, view, entry);
    buf_str(html, "</div>");
}

void entry_signup(struct buf *html, const struct page_view *view)
{
    part_words(html, "h2", NULL, word(view->language, signup.title));
    add_form(html, view, &signup);
    add_other(html, view, &signup);
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

struct page_head verify_head(const struct page_view *view)
{
    return head_of(view, &verify);
}

void verify_text(struct buf *html, const struct page_view *view)
{
    add_entry(html, view, &verify);
}

struct page_head reset_head(const struct page_view *view)
{
    return head_of(view, &reset);
}

void reset_text(struct buf *html, const struct page_view *view)
{
    add_entry(html, view, &reset);
}
