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
#define PAGE(path) METHOD_GET, path, ANYONE, .query = language_query, .run = page_show
/* For its owner alone: a frame, which the application fills. */
#define SHELL(path, name) \
    { PAGE(path), .limit = LIMIT_PUBLIC_READ, .page = &(const struct page){ .title = name, .head = shell_head, .text = shell_text } }

const struct route pages[] = {
    { PAGE("/"), .limit = LIMIT_PUBLIC_READ, .in_memory = true, .page = &(const struct page){
        .sources = {{ "/discover", SQL_SITE_DISCOVER, { PAGE_PARAMS_END } }}, .kept = &discover_page,
        .head = landing_head, .text = landing_text } },
    { PAGE("/b/{id:battle id}"), .limit = LIMIT_PUBLIC_READ, .event = "public_battle_viewed", .in_memory = true, .page = &(const struct page){
        .sources = {{ "/b/{}", SQL_POSTS_THREAD, { PAGE_NULL, PAGE_ID, PAGE_NULL, PAGE_NULL }, .json = thread_json },
                    { "/b/{}/meta", SQL_BATTLES_META, { PAGE_ID, PAGE_ORIGIN } }},
        .head = battle_head, .text = battle_text, .seen = battle_seen } },
    { PAGE("/p/{slug:slug}"), .limit = LIMIT_PUBLIC_READ, .event = "public_profile_viewed", .in_memory = true, .page = &(const struct page){
        .sources = {{ "/p/{}", SQL_PROFILES_SHOW, { PAGE_NULL, PAGE_ID } }},
        .head = profile_head, .text = profile_text } },
    { PAGE("/templates"), .limit = LIMIT_PUBLIC_READ, .in_memory = true, .page = &(const struct page){
        .sources = {{ "/templates", SQL_TEMPLATES_LIST, { PAGE_PARAMS_END } }},
        .head = templates_head, .text = templates_text } },
#if WEB_IS_BUILT /* the rest does nothing without the application */
    { PAGE("/signup"), .page = &(const struct page){ .head = signup_head, .text = signup_text } },
    { PAGE("/login"), .page = &(const struct page){ .head = login_head, .text = login_text } },
    { PAGE("/verify"), .limit = LIMIT_PUBLIC_READ, .page = &(const struct page){ .head = verify_head, .text = verify_text } },
    { PAGE("/reset"), .limit = LIMIT_PUBLIC_READ, .page = &(const struct page){ .head = reset_head, .text = reset_text } },
    SHELL("/rooms", WORD_ROOMS),
    SHELL("/rooms/{id:room id}", WORD_ROOM),
    SHELL("/battles/new", WORD_NEW_BATTLE),
    SHELL("/drafts", WORD_DRAFTS),
    SHELL("/personas", WORD_PERSONAS),
    SHELL("/personas/new", WORD_NEW_PERSONA),
    SHELL("/personas/{id:persona id}", WORD_PERSONA),
    SHELL("/templates/new", WORD_NEW_TEMPLATE),
    SHELL("/notifications", WORD_NOTIFICATIONS),
    SHELL("/digest", WORD_DIGEST),
    SHELL("/search", WORD_SEARCH),
    SHELL("/welcome", WORD_WELCOME),
    SHELL("/settings", WORD_SETTINGS),
#endif
};
/* clang-format on */

const int page_count = COUNT(pages);
