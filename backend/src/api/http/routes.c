#include "api/http/route.h"

#include "api/account/export.h"
#include "api/account/mail.h"
#include "api/account/me.h"
#include "api/account/session.h"
#include "api/auth.h"
#include "api/battles.h"
#include "api/cards/cards.h"
#include "api/events/routes.h"
#include "api/feed/feed.h"
#include "api/health.h"
#include "api/http/paging.h"
#include "api/http/queries.h"
#include "api/live/stream.h"
#include "api/model/drafts.h"
#include "api/model/previews.h"
#include "api/notifications.h"
#include "api/openapi/openapi.h"
#include "api/pages/assets.h"
#include "api/personas.h"
#include "api/posts.h"
#include "api/profiles.h"
#include "api/remix.h"
#include "api/search.h"
#include "api/site/atom.h"
#include "api/site/discover.h"
#include "api/site/files.h"
#include "api/site/oembed.h"
#include "api/site/sitemap.h"
#include "api/templates.h"
#include "api/thread.h"
#include "domain/persona.h"
#include "domain/template.h"

#define CONTENT_ANSWERS \
    "400 content exceeds max length | 400 content failed profanity check | 400 content failed link spam check"
#define BATTLE_ANSWERS                                                                                    \
    "400 invalid remix_token | 400 remix_token does not match room | 400 topic must be at least 3 chars " \
    "| " CONTENT_ANSWERS
#define NO_CALLER_ANSWERS "401 missing auth header | 401 invalid auth header | 401 invalid token"
#define EVENTS_ANSWER(status) status " text/event-stream" /* beside the statement's own, by Accept */
#define NO_MAIL "503 mail is not set up"
#define QUOTA_ANSWERS "400 quotas must be <= <N>"
#define TEMPLATE_ANSWERS \
    "400 prompt_rules contains forbidden instruction pattern | 400 prompt_rules cannot include external links"
#define MODEL_ANSWERS(what) \
    "429 daily model budget used up | 429 daily model quota reached | 502 " what " failed | 503 " what " failed"

/* clang-format off */
const struct route routes[] = {
    { METHOD_GET,    "/healthz",                                .audience = FOR_EVERYBODY, .run = health_live, .is_probe = true, .answers = "200 Health" },
    { METHOD_GET,    "/readyz",                                 .audience = FOR_EVERYBODY, .run = health_ready, .is_probe = true, .answers = "200 Health | 503 Health" },
    { METHOD_GET,    "/metrics",                                .audience = FOR_OPERATORS, .run = health_metrics, .is_probe = true, .answers = "200 text/plain | 404 not found" },
    { METHOD_GET,    "/openapi.json",                           .audience = FOR_OPERATORS, .run = openapi_show, .answers = "200 OpenApi | 304 null" },

    { METHOD_POST,   "/auth/signup",                            ANYONE, LIMIT_AUTH, .body = signup_fields, .run = auth_signup, .sql = SQL_AUTH_SIGNUP, .answers = "201 Session | 400 invalid email or password | 400 password is too common", .small_body = true },
    { METHOD_POST,   "/auth/login",                             ANYONE, LIMIT_AUTH, .body = login_fields, .run = auth_login, .sql = SQL_SESSIONS_BEGIN, .answers = "200 Session | 401 invalid credentials", .small_body = true },
    { METHOD_POST,   "/auth/logout",                            USER, LIMIT_AUTH, .run = session_logout, .sql = SQL_SESSIONS_END, .small_body = true },
    { METHOD_POST,   "/auth/refresh",                           USER, LIMIT_AUTH, .run = session_refresh, .sql = SQL_SESSIONS_REFRESH, .answers = "200 Token", .small_body = true },

    { METHOD_POST,   "/auth/forgot",                            ANYONE, LIMIT_FORGOT, .body = forgot_fields, .run = mail_ask_reset, .sql = SQL_MAILS_ASK_RESET, .answers = NO_MAIL, .small_body = true },
    { METHOD_POST,   "/auth/reset",                             ANYONE, LIMIT_AUTH, .body = reset_fields, .run = mail_reset, .sql = SQL_MAILS_RESET, .answers = "200 Session | 400 password is too common | " NO_MAIL, .small_body = true },
    { METHOD_POST,   "/auth/verify",                            ANYONE, LIMIT_AUTH, .body = mail_token_fields, .prepare = mail_hash_token, .sql = SQL_MAILS_VERIFY, .small_body = true },

    { METHOD_GET,    "/me",                                     USER, .sql = SQL_ACCOUNTS_SHOW, .prepare = me_show },
    { METHOD_PUT,    "/me",                                     USER, LIMIT_ACCOUNT, .body = me_fields, .run = me_update, .sql = SQL_ACCOUNTS_UPDATE, .answers = "200 Me | 400 invalid email or password | 429 rate limit exceeded" },
    { METHOD_DELETE, "/me",                                     USER, LIMIT_ACCOUNT, .body = confirmation_fields, .run = me_delete, .sql = SQL_ACCOUNTS_DELETE, .answers = "429 rate limit exceeded", .shows_to_visitors = true },
    { METHOD_PUT,    "/me/password",                            USER, LIMIT_ACCOUNT, .body = password_fields, .run = me_set_password, .sql = SQL_ACCOUNTS_SET_PASSWORD, .answers = "200 Token | 400 password is too common | 429 rate limit exceeded" },
    { METHOD_POST,   "/me/verify",                              USER, LIMIT_VERIFICATION, .run = mail_ask_verification, .sql = SQL_MAILS_ASK_VERIFICATION, .answers = NO_MAIL },
    { METHOD_GET,    "/me/export",                              USER, .query = cursor_query, .run = export_show, .answers = "200 Export | 400 invalid cursor | 401 invalid token | 429 export rate limit exceeded" },
    { METHOD_GET,    "/me/sessions",                            USER, .sql = SQL_SESSIONS_LIST, .prepare = me_add_session },
    { METHOD_DELETE, "/me/sessions/{id:session id}",            USER, .run = me_end_session, .sql = SQL_SESSIONS_END_ONE },
    { METHOD_POST,   "/me/sessions/end-others",                 USER, .sql = SQL_SESSIONS_END_OTHERS, .prepare = me_add_session },

    { METHOD_GET,    "/me/following",                           USER, .sql = SQL_PROFILES_FOLLOWING, .query = cursor_query, .prepare = paging_cursor },
    { METHOD_GET,    "/me/posts",                               USER, .sql = SQL_POSTS_LIST_OWN, .query = own_posts_query, .prepare = posts_own_page },

    { METHOD_GET,    "/personas",                               USER, .sql = SQL_PERSONAS_LIST, .query = cursor_query, .prepare = paging_cursor },
    { METHOD_POST,   "/personas",                               USER, LIMIT_PERSONA_WRITE, .body = persona_fields, .sql = SQL_PERSONAS_CREATE, .prepare = personas_new, .answers = QUOTA_ANSWERS, .keeps_answer = true },
    { METHOD_GET,    "/personas/{id:persona id}",               USER, .sql = SQL_PERSONAS_SHOW },
    { METHOD_PUT,    "/personas/{id:persona id}",               USER, .body = persona_update_fields, .sql = SQL_PERSONAS_UPDATE, .prepare = personas_quotas, .answers = QUOTA_ANSWERS, .shows_to_visitors = true },
    { METHOD_DELETE, "/personas/{id:persona id}",               USER, .sql = SQL_PERSONAS_DELETE, .shows_to_visitors = true },
    { METHOD_POST,   "/personas/{id:persona id}/preview",       USER, LIMIT_LLM, .body = preview_fields, .query = room_query, .prepare = preview_room, .run = preview_show, .sql = SQL_PREVIEWS_STORE, .answers = EVENTS_ANSWER("200") " | " MODEL_ANSWERS("llm preview"), .keeps_answer = true },
    { METHOD_POST,   "/personas/{id:persona id}/publish-profile",   USER, .body = publish_fields, .prepare = profile_add_origin, .run = profile_publish, .sql = SQL_PROFILES_PUBLISH, .answers = "400 slug must contain only letters, numbers, spaces, hyphen or underscore", .shows_to_visitors = true },
    { METHOD_POST,   "/personas/{id:persona id}/unpublish-profile", USER, .sql = SQL_PROFILES_UNPUBLISH, .prepare = profile_add_origin, .shows_to_visitors = true },
    { METHOD_GET,    "/personas/{id:persona id}/digest/today",  USER, .sql = SQL_DIGESTS_TODAY },
    { METHOD_GET,    "/personas/{id:persona id}/digest/latest", USER, .sql = SQL_DIGESTS_LATEST },

    { METHOD_GET,    "/rooms",                                  USER, .sql = SQL_ROOMS_LIST },
    { METHOD_GET,    "/rooms/{id:room id}",                     USER, .sql = SQL_ROOMS_SHOW },
    { METHOD_GET,    "/rooms/{id:room id}/posts",               USER, .sql = SQL_POSTS_LIST_IN_ROOM, .query = page_query, .prepare = posts_page },
    { METHOD_POST,   "/rooms/{id:room id}/posts/draft",         USER, LIMIT_LLM, .body = draft_fields, .prepare = draft_about, .run = draft_post, .sql = SQL_POSTS_STORE_DRAFT, .answers = EVENTS_ANSWER("201") " | " CONTENT_ANSWERS " | " MODEL_ANSWERS("llm draft"), .keeps_answer = true },
    { METHOD_PUT,    "/posts/{id:post id}",                     USER, .body = edit_fields, .sql = SQL_POSTS_UPDATE, .prepare = posts_edit, .answers = CONTENT_ANSWERS },
    { METHOD_DELETE, "/posts/{id:post id}",                     USER, .sql = SQL_POSTS_DELETE, .tells = TELLS_POST, .shows_to_visitors = true },
    { METHOD_POST,   "/posts/{id:post id}/approve",             USER, .body = approve_fields, .sql = SQL_POSTS_APPROVE, .prepare = posts_approval, .answers = CONTENT_ANSWERS, .tells = TELLS_POST | TELLS_FOLLOWERS, .wakes_worker = true, .shows_to_visitors = true, .keeps_answer = true },
    { METHOD_POST,   "/posts/{id:post id}/generate-replies",    USER, LIMIT_REPLY_REQUEST, .body = reply_request_fields, .sql = SQL_REPLIES_ENQUEUE, .prepare = posts_reply_request, .tells = TELLS_POST, .wakes_worker = true, .keeps_answer = true },
    { METHOD_GET,    "/posts/{id:post id}/thread",              USER, .run = thread_show, .sql = SQL_POSTS_THREAD, .query = cursor_query, .prepare = paging_cursor, .answers = "304 null" },
    { METHOD_GET,    "/b/{id:battle id}",                       ANYONE, LIMIT_PUBLIC_READ, .run = thread_show, .sql = SQL_POSTS_THREAD, .query = cursor_query, .prepare = paging_cursor, .answers = "304 null", .fresh = 1, .in_memory = true },

    { METHOD_POST,   "/rooms/{id:room id}/battles",             USER, LIMIT_BATTLE_CREATE, .body = battle_fields, .run = battles_create, .sql = SQL_BATTLES_CREATE, .answers = BATTLE_ANSWERS, .shows_to_visitors = true, .keeps_answer = true },
    { METHOD_GET,    "/b/{id:battle id}/meta",                  ANYONE, LIMIT_PUBLIC_READ, .sql = SQL_BATTLES_META, .query = view_query, .prepare = battles_add_origin, .event = "public_battle_viewed", .answers = "304 null", .fresh = 1, .in_memory = true },
    { METHOD_POST,   "/battles/{id:battle id}/remix-intent",    ANYONE, LIMIT_PUBLIC_READ, .run = remix_begin, .sql = SQL_BATTLES_SOURCE, .event = "remix_started", .small_body = true },
    { METHOD_GET,    "/templates",                              VISITOR, LIMIT_PUBLIC_READ, .run = templates_list, .sql = SQL_TEMPLATES_LIST, .query = templates_query, .prepare = templates_page, .answers = "304 null | " NO_CALLER_ANSWERS, .fresh = 60, .in_memory = true },
    { METHOD_POST,   "/templates",                              USER, LIMIT_TEMPLATE_CREATE, .body = template_fields, .sql = SQL_TEMPLATES_CREATE, .prepare = templates_check, .answers = TEMPLATE_ANSWERS, .shows_to_visitors = true, .keeps_answer = true },
    { METHOD_PUT,    "/templates/{id:template id}",             USER, .body = template_fields, .sql = SQL_TEMPLATES_UPDATE, .prepare = templates_check, .answers = TEMPLATE_ANSWERS, .shows_to_visitors = true },
    { METHOD_DELETE, "/templates/{id:template id}",             USER, .run = templates_delete, .sql = SQL_TEMPLATES_DELETE, .shows_to_visitors = true },
    { METHOD_GET,    "/b/{id:battle id}/card.png",              ANYONE, LIMIT_PUBLIC_READ, .run = card_show, .sql = SQL_CARDS_SHOW, .answers = "200 image/png | 304 null", .in_memory = true },

    { METHOD_GET,    "/p/{slug:slug}",                          VISITOR, LIMIT_PUBLIC_READ, .sql = SQL_PROFILES_SHOW, .query = view_query, .event = "public_profile_viewed", .answers = "304 null", .fresh = 1, .in_memory = true },
    { METHOD_GET,    "/p/{slug:slug}/posts",                    VISITOR, LIMIT_PUBLIC_READ, .sql = SQL_PROFILES_POSTS, .query = cursor_query, .prepare = paging_cursor, .answers = "304 null", .fresh = 1, .in_memory = true },
    { METHOD_GET,    "/p/{slug:slug}/feed.atom",                ANYONE, LIMIT_PUBLIC_READ, .run = atom_show, .sql = SQL_SITE_ATOM, .answers = "200 application/atom+xml | 304 null" },
    { METHOD_POST,   "/p/{slug:slug}/follow",                   VISITOR, LIMIT_PUBLIC_WRITE, .run = profile_follow, .sql = SQL_PROFILES_FOLLOW, .small_body = true, .shows_to_visitors = true },
    { METHOD_DELETE, "/p/{slug:slug}/follow",                   VISITOR, LIMIT_PUBLIC_WRITE, .run = profile_unfollow, .sql = SQL_PROFILES_UNFOLLOW, .small_body = true, .shows_to_visitors = true },

    { METHOD_GET,    "/notifications",                          USER, .sql = SQL_NOTIFICATIONS_LIST, .query = page_query, .prepare = notifications_page },
    { METHOD_POST,   "/notifications/{id:notification id}/read", USER, .sql = SQL_NOTIFICATIONS_READ, .tells = TELLS_CALLER },
    { METHOD_POST,   "/notifications/read",                     USER, .body = notification_fields, .sql = SQL_NOTIFICATIONS_READ_SOME, .tells = TELLS_CALLER },
    { METHOD_POST,   "/notifications/read-all",                 USER, .sql = SQL_NOTIFICATIONS_READ_ALL, .tells = TELLS_CALLER },

    { METHOD_GET,    "/stream",                                 VISITOR, LIMIT_STREAM_OPEN, .query = stream_query, .run = stream_open, .answers = "200 text/event-stream | 400 watch must be at most 50 post ids | 401 invalid token | 429 too many open streams" },

    { METHOD_GET,    "/discover",                               ANYONE, LIMIT_PUBLIC_READ, .run = discover_show, .sql = SQL_SITE_DISCOVER, .answers = "304 null", .in_memory = true },
    { METHOD_GET,    "/oembed",                                 ANYONE, LIMIT_PUBLIC_READ, .query = oembed_query, .prepare = oembed_prepare, .run = oembed_show, .sql = SQL_SITE_OEMBED, .answers = "304 null | 501 format must be json", .fresh = 60, .in_memory = true },
    { METHOD_GET,    "/sitemap.xml",                            ANYONE, LIMIT_PUBLIC_READ, .run = sitemap_show, .sql = SQL_SITE_SITEMAP_PROFILES, .answers = "200 application/xml | 304 null", .in_memory = true },
    { METHOD_GET,    "/robots.txt",                             ANYONE, .run = files_show_robots, .answers = "200 text/plain | 304 null" },
    { METHOD_GET,    "/manifest.webmanifest",                   ANYONE, .run = files_show_manifest, .answers = "200 application/manifest+json | 304 null" },
    { METHOD_GET,    "/a/{name:asset name}",                    ANYONE, .run = asset_show, .answers = "200 */* | 304 null | 404 not found" },
    { METHOD_GET,    "/favicon.svg",                            ANYONE, .run = files_show_favicon, .answers = "200 image/svg+xml | 304 null" },

    { METHOD_GET,    "/feed",                                   USER, .run = feed_show, .sql = SQL_FEED_FOLLOWED, .answers = "200 Feed | 304 null" },
    { METHOD_GET,    "/search",                                 USER, LIMIT_SEARCH, .sql = SQL_SEARCH_FIND, .query = search_query, .prepare = search_prepare },
    { METHOD_GET,    "/digest/weekly",                          USER, .sql = SQL_DIGESTS_WEEKLY },

    { METHOD_POST,   "/events",                                 VISITOR, LIMIT_EVENTS, .body = event_fields, .run = events_post, .answers = "202 Health | 400 unsupported event_name | 400 metadata is too large | 415 content type must be application/json", .small_body = true, .json_from_pages = true },
    { METHOD_GET,    "/admin/analytics/summary",                USER, .sql = SQL_ANALYTICS_SUMMARY, .prepare = events_summary },
};
/* clang-format on */

const int route_count = COUNT(routes);
