#include "domain/brief.h"

#include <jansson.h>
#include <string.h>

#include "base/buf.h"

const char *const llm_operation_names[LLM_OPERATIONS] = {
    [LLM_POST_DRAFT] = "post_draft",
    [LLM_REPLY] = "reply",
    [LLM_THREAD_SUMMARY] = "thread_summary",
    [LLM_ACTIVITY_SUMMARY] = "activity_summary",
};

/* `object` may be NULL or of any type: jansson then gives NULL, as for a missing member. */
static const char *text_or_null(struct arena *arena, const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? arena_strdup(arena, text) : NULL;
}

static const char *text_or_empty(struct arena *arena, const json_t *object, const char *name)
{
    const char *text = text_or_null(arena, object, name);
    return text ? text : "";
}

/* The member as a number, limited to [least, most]. */
static int64_t number_of(const json_t *object, const char *name, int64_t least, int64_t most)
{
    int64_t number = (int64_t)json_integer_value(json_object_get(object, name));
    return MAX(least, MIN(number, most));
}

static struct texts texts_of(struct arena *arena, const json_t *object, const char *name)
{
    const json_t *list = json_object_get(object, name);
    struct texts texts = {.items = arena_alloc(arena, json_array_size(list) * sizeof *texts.items)};
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(list, i));
        if (text)
            texts.items[texts.count++] = arena_strdup(arena, text);
    }
    return texts;
}

static void take_text(const char **text, struct arena *arena, const json_t *object, const char *name)
{
    const char *found = text_or_null(arena, object, name);
    *text = found ? found : *text;
}

static void take_texts(struct texts *texts, struct arena *arena, const json_t *object, const char *name)
{
    if (json_is_array(json_object_get(object, name)))
        *texts = texts_of(arena, object, name);
}

/* What isn't there stays as it is. */
static void read_persona(struct brief *brief, struct arena *arena, const json_t *persona)
{
    const char *language = NULL;
    take_text(&brief->persona.name, arena, persona, "name");
    take_text(&brief->persona.bio, arena, persona, "bio");
    take_text(&brief->persona.tone, arena, persona, "tone");
    take_text(&language, arena, persona, "preferred_language");
    if (language)
        brief->persona.language = strcmp(language, "tr") == 0 ? LANGUAGE_TR : LANGUAGE_EN;
    if (json_is_integer(json_object_get(persona, "formality")))
        brief->persona.formality = (int)number_of(persona, "formality", 0, 3);
    take_texts(&brief->persona.writing_samples, arena, persona, "writing_samples");
    take_texts(&brief->persona.do_not_say, arena, persona, "do_not_say");
    take_texts(&brief->persona.catchphrases, arena, persona, "catchphrases");
}

static struct said read_said(struct arena *arena, const json_t *said)
{
    return (struct said){.author = text_or_empty(arena, said, "author"),
                         .content = text_or_empty(arena, said, "content"),
                         .language = text_or_empty(arena, said, "language")};
}

static void read_replies(struct brief *brief, struct arena *arena, const json_t *list)
{
    size_t count = json_array_size(list);
    struct said *replies = arena_alloc(arena, count * sizeof *replies);
    for (size_t i = 0; i < count; i++)
        replies[i] = read_said(arena, json_array_get(list, i));
    brief->replies = replies;
    brief->reply_count = (int)count;
}

static void read_activity(struct brief *brief, struct arena *arena, const json_t *activity)
{
    const json_t *list = json_object_get(activity, "top_threads");
    size_t count = json_array_size(list);
    struct active_thread *threads = arena_alloc(arena, count * sizeof *threads);
    for (size_t i = 0; i < count; i++) {
        const json_t *thread = json_array_get(list, i);
        threads[i] = (struct active_thread){.room_name = text_or_empty(arena, thread, "room_name"),
                                            .post_preview = text_or_empty(arena, thread, "post_preview"),
                                            .activity_count = number_of(thread, "activity_count", 0, INT64_MAX)};
    }
    brief->date = text_or_empty(arena, activity, "date");
    brief->posts_today = number_of(activity, "posts", 0, INT64_MAX);
    brief->replies_today = number_of(activity, "replies", 0, INT64_MAX);
    brief->top_threads = threads;
    brief->top_thread_count = (int)count;
}

static void read_members(struct brief *brief, struct arena *arena, const json_t *root)
{
    const json_t *room = json_object_get(root, "room"), *template = json_object_get(root, "template");
    read_persona(brief, arena, json_object_get(root, "persona"));
    brief->room_name = text_or_empty(arena, room, "name");
    brief->room_description = text_or_empty(arena, room, "description");
    brief->about = text_or_empty(arena, root, "about");
    brief->post = read_said(arena, json_object_get(root, "post"));
    read_replies(brief, arena, json_object_get(root, "replies"));
    brief->template_name = text_or_null(arena, template, "name");
    brief->template_rules = text_or_null(arena, template, "prompt_rules");
    brief->word_limit = (int)number_of(template, "word_limit", 0, INT16_MAX);
    read_activity(brief, arena, json_object_get(root, "activity"));
}

static bool is_object(const json_t *json, const json_error_t *why, struct err *err)
{
    return json_is_object(json) || fail(err, "while reading a brief: %s", json ? "not a JSON object" : why->text);
}

bool brief_read(struct brief *brief, enum llm_operation operation, const char *json, struct arena *arena,
                struct err *err)
{
    json_error_t why;
    json_t *root = json_loads(json, 0, &why);
    *brief = (struct brief){.operation = operation, .variant = 1, .persona = {.name = "", .bio = "", .tone = ""}};
    bool ok = is_object(root, &why, err);
    if (ok)
        read_members(brief, arena, root);
    json_decref(root);
    return ok;
}

bool brief_speak_as(struct brief *brief, const char *persona, struct arena *arena, struct err *err)
{
    json_error_t why;
    json_t *json = json_loads(persona, 0, &why);
    bool ok = is_object(json, &why, err);
    if (ok)
        read_persona(brief, arena, json);
    json_decref(json);
    return ok;
}

static void add_texts(struct buf *out, const struct texts *texts)
{
    for (int i = 0; i < texts->count; i++)
        buf_printf(out, "%s\n", texts->items[i]);
}

const char *brief_said(const struct brief *brief, struct arena *arena)
{
    struct buf out = buf_new(arena);
    const char *const texts[] = {brief->persona.name, brief->persona.bio, brief->persona.tone,  brief->about,
                                 brief->post.content, brief->post.author, brief->template_name, brief->template_rules};
    for (size_t i = 0; i < COUNT(texts); i++)
        buf_printf(&out, "%s\n", texts[i] ? texts[i] : "");
    add_texts(&out, &brief->persona.writing_samples);
    add_texts(&out, &brief->persona.do_not_say);
    add_texts(&out, &brief->persona.catchphrases);
    for (int i = 0; i < brief->reply_count; i++)
        buf_printf(&out, "%s\n%s\n", brief->replies[i].author, brief->replies[i].content);
    for (int i = 0; i < brief->top_thread_count; i++)
        buf_printf(&out, "%s\n", brief->top_threads[i].post_preview);
    return out.text;
}
