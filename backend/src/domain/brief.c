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

static void read_persona(struct brief *brief, struct arena *arena, const json_t *persona)
{
    brief->persona.name = text_or_empty(arena, persona, "name");
    brief->persona.bio = text_or_empty(arena, persona, "bio");
    brief->persona.tone = text_or_empty(arena, persona, "tone");
    brief->persona.language =
        strcmp(text_or_empty(arena, persona, "preferred_language"), "tr") == 0 ? LANGUAGE_TR : LANGUAGE_EN;
    brief->persona.formality = (int)number_of(persona, "formality", 0, 3);
    brief->persona.writing_samples = texts_of(arena, persona, "writing_samples");
    brief->persona.do_not_say = texts_of(arena, persona, "do_not_say");
    brief->persona.catchphrases = texts_of(arena, persona, "catchphrases");
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
    brief->post = read_said(arena, json_object_get(root, "post"));
    read_replies(brief, arena, json_object_get(root, "replies"));
    brief->template_name = text_or_null(arena, template, "name");
    brief->template_rules = text_or_null(arena, template, "prompt_rules");
    brief->word_limit = (int)number_of(template, "word_limit", 0, INT16_MAX);
    read_activity(brief, arena, json_object_get(root, "activity"));
}

bool brief_read(struct brief *brief, enum llm_operation operation, const char *json, struct arena *arena,
                struct err *err)
{
    json_error_t why;
    json_t *root = json_loads(json, 0, &why);
    bool is_object = json_is_object(root);
    *brief = (struct brief){.operation = operation, .variant = 1};
    if (is_object)
        read_members(brief, arena, root);
    else
        fail(err, "while reading a brief: %s", root ? "not a JSON object" : why.text);
    json_decref(root);
    return is_object;
}

static void add_texts(struct buf *out, const struct texts *texts)
{
    for (int i = 0; i < texts->count; i++)
        buf_printf(out, "%s\n", texts->items[i]);
}

const char *brief_said(const struct brief *brief, struct arena *arena)
{
    struct buf out = buf_new(arena);
    const char *const texts[] = {brief->persona.name, brief->persona.bio,   brief->persona.tone,  brief->post.content,
                                 brief->post.author,  brief->template_name, brief->template_rules};
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
