#include "api/http/route.h"

#include "api/http/queries.h"
#include "api/pages/battle.h"
#include "api/pages/entry.h"
#include "api/pages/landing.h"
#include "api/pages/page.h"
#include "api/pages/profile.h"
#include "api/pages/shell.h"
#include "api/pages/show.h"
#include "api/pages/templates.h"
#include "api/site/discover.h"
#include "api/thread.h"
#include "web_assets.h" /* made by the build */

/* A page's limit and event are those of the routes that it is made of. */
/* clang-format off */
const struct route pages[] = {
    { METHOD_GET, "/", ANYONE, LIMIT_PUBLIC_READ, .query = language_query, .run = page_show, .in_memory = true, .page = &(const struct page){
        .sources = {{ "/discover", SQL_SITE_DISCOVER, { PAGE_PARAMS_END } }}, .kept = &discover_page,
        .head = landing_head, .text = landing_text } },
    { METHOD_GET, "/b/{id:battle id}", ANYONE, LIMIT_PUBLIC_READ, .query = language_query, .run = page_show, .event = "public_battle_viewed", .in_memory = true, .page = &(const struct page){
        .sources = {{ "/b/{}", SQL_POSTS_THREAD, { PAGE_NULL, PAGE_ID, PAGE_NULL, PAGE_NULL }, .json = thread_json },
                    { "/b/{}/meta", SQL_BATTLES_META, { PAGE_ID, PAGE_ORIGIN } }},
        .head = battle_head, .text = battle_text, .seen = battle_seen } },
    { METHOD_GET, "/p/{slug:slug}", ANYONE, LIMIT_PUBLIC_READ, .query = language_query, .run = page_show, .event = "public_profile_viewed", .in_memory = true, .page = &(const struct page){
        .sources = {{ "/p/{}", SQL_PROFILES_SHOW, { PAGE_NULL, PAGE_ID } }},
        .head = profile_head, .text = profile_text } },
    { METHOD_GET, "/templates", ANYONE, LIMIT_PUBLIC_READ, .query = language_query, .run = page_show, .in_memory = true, .page = &(const struct page){
        .sources = {{ "/templates", SQL_TEMPLATES_LIST, { PAGE_PARAMS_END } }},
        .head = templates_head, .text = templates_text } },
#if WEB_IS_BUILT /* the rest does nothing without the application */
    { METHOD_GET, "/signup", ANYONE, .query = language_query, .run = page_show, .page = &(const struct page){ .head = signup_head, .text = signup_text } },
    { METHOD_GET, "/login", ANYONE, .query = language_query, .run = page_show, .page = &(const struct page){ .head = login_head, .text = login_text } },
    { METHOD_GET, "/verify", ANYONE, LIMIT_PUBLIC_READ, .query = language_query, .run = page_show, .page = &(const struct page){ .head = verify_head, .text = verify_text } },
    { METHOD_GET, "/reset", ANYONE, LIMIT_PUBLIC_READ, .query = language_query, .run = page_show, .page = &(const struct page){ .head = reset_head, .text = reset_text } },
    { METHOD_GET, "/rooms", ANYONE, LIMIT_PUBLIC_READ, .query = language_query, .run = page_show, .page = &(const struct page){ .title = WORD_ROOMS, .head = shell_head, .text = shell_text } },
    { METHOD_GET, "/rooms/{id:room id}", ANYONE, LIMIT_PUBLIC_READ, .query = language_query, .run = page_show, .page = &(const struct page){ .title = WORD_ROOM, .head = shell_head, .text = shell_text } },
    { METHOD_GET, "/battles/new", ANYONE, LIMIT_PUBLIC_READ, .query = language_query, .run = page_show, .page = &(const struct page){ .title = WORD_NEW_BATTLE, .head = shell_head, .text = shell_text } },
    { METHOD_GET, "/drafts", ANYONE, LIMIT_PUBLIC_READ, .query = language_query, .run = page_show, .page = &(const struct page){ .title = WORD_DRAFTS, .head = shell_head, .text = shell_text } },
    { METHOD_GET, "/personas", ANYONE, LIMIT_PUBLIC_READ, .query = language_query, .run = page_show, .page = &(const struct page){ .title = WORD_PERSONAS, .head = shell_head, .text = shell_text } },
    { METHOD_GET, "/personas/new", ANYONE, LIMIT_PUBLIC_READ, .query = language_query, .run = page_show, .page = &(const struct page){ .title = WORD_NEW_PERSONA, .head = shell_head, .text = shell_text } },
    { METHOD_GET, "/personas/{id:persona id}", ANYONE, LIMIT_PUBLIC_READ, .query = language_query, .run = page_show, .page = &(const struct page){ .title = WORD_PERSONA, .head = shell_head, .text = shell_text } },
    { METHOD_GET, "/templates/new", ANYONE, LIMIT_PUBLIC_READ, .query = language_query, .run = page_show, .page = &(const struct page){ .title = WORD_NEW_TEMPLATE, .head = shell_head, .text = shell_text } },
    { METHOD_GET, "/notifications", ANYONE, LIMIT_PUBLIC_READ, .query = language_query, .run = page_show, .page = &(const struct page){ .title = WORD_NOTIFICATIONS, .head = shell_head, .text = shell_text } },
    { METHOD_GET, "/digest", ANYONE, LIMIT_PUBLIC_READ, .query = language_query, .run = page_show, .page = &(const struct page){ .title = WORD_DIGEST, .head = shell_head, .text = shell_text } },
    { METHOD_GET, "/search", ANYONE, LIMIT_PUBLIC_READ, .query = language_query, .run = page_show, .page = &(const struct page){ .title = WORD_SEARCH, .head = shell_head, .text = shell_text } },
    { METHOD_GET, "/welcome", ANYONE, LIMIT_PUBLIC_READ, .query = language_query, .run = page_show, .page = &(const struct page){ .title = WORD_WELCOME, .head = shell_head, .text = shell_text } },
    { METHOD_GET, "/settings", ANYONE, LIMIT_PUBLIC_READ, .query = language_query, .run = page_show, .page = &(const struct page){ .title = WORD_SETTINGS, .head = shell_head, .text = shell_text } },
#endif
};
/* clang-format on */

const int page_count = COUNT(pages);
