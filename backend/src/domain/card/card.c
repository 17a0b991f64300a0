#include "domain/card/card.h"

#include <string.h>

#include "base/text.h"
#include "domain/battle.h"
#include "domain/card/sentences.h"
#include "domain/card/topic.h"
#include "domain/card/words.h"

/* Code points: drawing costs by the character. */
enum { NAME_MAX = 80, HOST_MAX = 80, QUOTE_MAX = 200, WIDE_QUOTE_MAX = 400, SPEAKERS_MAX = 3 };

struct speaker {
    const char *name;
    struct texts sentences;
    enum language language;
};

/* ---- who has spoken ---- */

static bool is_turkish(const struct said *said)
{
    return *said->language ? strcmp(said->language, "tr") == 0 : looks_turkish(said->content);
}

/* A post whose author has no persona tells only by its letters that it is Turkish. */
static int vote(const struct said *said)
{
    if (is_turkish(said))
        return 1;
    return *said->language ? -1 : 0;
}

static enum language language_of_most(const struct brief *brief)
{
    int votes = vote(&brief->post), first = votes;
    for (int i = 0; i < brief->reply_count; i++) {
        votes += vote(&brief->replies[i]);
        first = first ? first : vote(&brief->replies[i]);
    }
    return (votes ? votes : first) > 0 ? LANGUAGE_TR : LANGUAGE_EN;
}

static bool is_among(const struct speaker *speakers, int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcmp(speakers[i].name, name) == 0)
            return true;
    return false;
}

/* The first distinct names that answered. */
static int find_repliers(const struct brief *brief, struct arena *arena, struct speaker found[SPEAKERS_MAX])
{
    int count = 0;
    for (int i = 0; i < brief->reply_count && count < SPEAKERS_MAX; i++) {
        const struct said *said = &brief->replies[i];
        const char *name = card_text_cut(arena, text_preview(arena, said->author, SIZE_MAX), NAME_MAX);
        if (*name && !is_among(found, count, name))
            found[count++] = (struct speaker){.name = name,
                                              .sentences = sentences_of(arena, said->content),
                                              .language = is_turkish(said) ? LANGUAGE_TR : LANGUAGE_EN};
    }
    return count;
}

/* ---- what they say ---- */

static struct card_voice voice_of(const struct speaker *speaker, const char *text, struct arena *arena, size_t max)
{
    return (struct card_voice){.name = speaker->name,
                               .quote = card_text_cut(arena, text, max),
                               .marks = quote_marks_of(text),
                               .language = speaker->language};
}

/* The topic is one of them: who repeats it says nothing new. */
static struct texts openings_beside(const char *topic, const struct speaker *speakers, int count, int me,
                                    struct arena *arena)
{
    struct texts openings = {.items = arena_alloc(arena, (size_t)(count + 1) * sizeof *openings.items), .count = 1};
    openings.items[0] = topic;
    for (int i = 0; i < count; i++)
        if (i != me && speakers[i].sentences.count > 0)
            openings.items[openings.count++] = speakers[i].sentences.items[0];
    return openings;
}

static struct card_voice quoted(const char *topic, const struct speaker *speakers, int count, int me,
                                struct arena *arena)
{
    struct texts openings = openings_beside(topic, speakers, count, me, arena);
    return voice_of(&speakers[me], quote_pick(arena, &speakers[me].sentences, &openings), arena, QUOTE_MAX);
}

static void let_two_speak(struct card *card, const struct speaker *speakers, int count, struct arena *arena)
{
    card->side_count = 2;
    for (int i = 0; i < 2; i++)
        card->sides[i] = quoted(card->topic, speakers, count, i, arena);
    if (count > 2)
        card->third = quoted(card->topic, speakers, count, 2, arena);
}

static void let_one_speak(struct card *card, const struct speaker *speaker, struct arena *arena)
{
    card->side_count = *speaker->name || speaker->sentences.count > 0;
    card->sides[0] = voice_of(speaker, sentences_joined(arena, &speaker->sentences, 0), arena, WIDE_QUOTE_MAX);
}

/* A battle that waits for its first answer shows what its sides will be like. */
static bool let_styles_speak(struct card *card, const char *content, struct arena *arena)
{
    const char *styles[] = {battle_line(arena, content, "pro style"), battle_line(arena, content, "con style")};
    if (!styles[0] || !styles[1])
        return false;
    card->side_count = 2;
    for (int i = 0; i < 2; i++)
        card->sides[i] = (struct card_voice){.name = side_words(card->language, i),
                                             .quote = card_text_cut(arena, styles[i], QUOTE_MAX),
                                             .marks = {"", ""},
                                             .language = card->language};
    return true;
}

/* The author with what the post says beside the topic. */
static struct speaker author_of(const struct brief *brief, const char *rest, struct arena *arena)
{
    return (struct speaker){
        .name = card_text_cut(arena, text_preview(arena, brief->post.author, SIZE_MAX), NAME_MAX),
        .sentences = sentences_of(arena, rest),
        .language = is_turkish(&brief->post) ? LANGUAGE_TR : LANGUAGE_EN,
    };
}

static void choose_voices(struct card *card, const struct brief *brief, const char *rest, struct arena *arena)
{
    struct speaker speakers[1 + SPEAKERS_MAX] = {author_of(brief, rest, arena)}, *repliers = speakers + 1;
    int count = find_repliers(brief, arena, repliers);
    bool has_author = *speakers[0].name && !is_among(repliers, count, speakers[0].name);
    if (count >= 2)
        let_two_speak(card, repliers, count, arena);
    else if (count == 1 && has_author)
        let_two_speak(card, speakers, 2, arena);
    else if (count == 1)
        let_one_speak(card, repliers, arena);
    else if (brief->reply_count > 0 || !let_styles_speak(card, brief->post.content, arena))
        let_one_speak(card, speakers, arena);
}

struct card card_make(const struct brief *brief, int64_t answers, const char *host, struct arena *arena)
{
    enum language language = language_of_most(brief);
    const char *room = text_preview(arena, brief->room_name, SIZE_MAX);
    struct card_topic topic = card_topic_of(arena, brief->post.content, room);
    struct card card = {
        .language = language,
        .topic = topic.text,
        .room = card_text_cut(arena, room, NAME_MAX),
        .verdict = verdict_words(arena, language, answers),
        .host = card_text_cut(arena, text_preview(arena, host, SIZE_MAX), HOST_MAX),
        .third = {.name = "", .quote = "", .marks = {"", ""}, .language = language},
    };
    choose_voices(&card, brief, topic.rest, arena);
    return card;
}
