#include "domain/card.h"

#include <string.h>

#include "base/text.h"
#include "domain/battle.h"

enum { TOPIC_MAX = 200, NAME_MAX = 80, TAKEAWAY_MAX = 160, LINK_MAX = 160 };

/* ---- what stands on it ---- */

static void choose_sides(struct card *card, const struct brief *brief, struct arena *arena)
{
    static const char *const nobody[2] = {"Persona A", "Persona B"};
    int found = 0;
    for (int i = -1; i < brief->reply_count && found < 2; i++) {
        const char *name = text_preview(arena, i < 0 ? brief->post.author : brief->replies[i].author, NAME_MAX);
        if (*name && !(found == 1 && strcmp(name, card->sides[0]) == 0))
            card->sides[found++] = name;
    }
    for (; found < 2; found++)
        card->sides[found] = nobody[found];
}

static const char *verdict_on(int64_t replies, struct arena *arena)
{
    static const struct {
        int64_t least;
        const char *words;
    } verdicts[] = {{10, "A full house, and still split"},
                    {6, "A heated battle"},
                    {3, "The room is taking sides"},
                    {2, "Neck and neck"},
                    {1, "The first blow has landed"}};
    for (size_t i = 0; i < COUNT(verdicts); i++)
        if (replies >= verdicts[i].least)
            return arena_printf(arena, "%s · %lld %s", verdicts[i].words, (long long)replies,
                                replies == 1 ? "reply" : "replies");
    return "No verdict yet · be the first to reply";
}

/* The bytes of the mark at `text` that ends a sentence there, or 0. A full stop within a word or
 * number ends none. */
static size_t sentence_end_at(const char *text)
{
    static const char *const wide_marks[] = {"。", "！", "？", "؟", "।"};
    if (strchr(".!?", *text))
        return text[1] == '\0' || text[1] == ' ';
    for (size_t i = 0; i < COUNT(wide_marks); i++)
        if (strncmp(text, wide_marks[i], strlen(wide_marks[i])) == 0)
            return strlen(wide_marks[i]);
    return 0;
}

static const char *takeaway_of(const char *text, struct arena *arena)
{
    char *line = text_preview(arena, text, TAKEAWAY_MAX);
    for (const char *at = line; *at; at++) {
        size_t mark = sentence_end_at(at);
        if (mark > 0)
            return arena_copy(arena, line, (size_t)(at - line) + mark);
    }
    return line;
}

static bool is_new(const struct card *card, int count, const char *takeaway)
{
    for (int i = 0; i < count; i++)
        if (strcmp(card->takeaways[i], takeaway) == 0)
            return false;
    return *takeaway != '\0';
}

static void choose_takeaways(struct card *card, const struct brief *brief, struct arena *arena)
{
    static const char *const standing[CARD_TAKEAWAYS] = {
        "Two sides, one topic, a turn at a time.",
        "A claim without evidence doesn't count.",
        "Remix it: keep the topic, change the voices.",
    };
    int count = 0;
    for (int i = 0; i < brief->reply_count && count < CARD_TAKEAWAYS; i++) {
        const char *takeaway = takeaway_of(brief->replies[i].content, arena);
        if (is_new(card, count, takeaway))
            card->takeaways[count++] = takeaway;
    }
    for (int i = 0; count < CARD_TAKEAWAYS; i++)
        card->takeaways[count++] = standing[i];
}

struct card card_make(const struct brief *brief, int64_t replies, const char *link, struct arena *arena)
{
    struct card card = {
        .topic = text_preview(arena, battle_topic(arena, brief->post.content, brief->room_name), TOPIC_MAX),
        .room = text_preview(arena, brief->room_name, NAME_MAX),
        .verdict = verdict_on(replies, arena),
        .link = text_preview(arena, link, LINK_MAX),
    };
    choose_sides(&card, brief, arena);
    choose_takeaways(&card, brief, arena);
    return card;
}

/* ---- where it stands ---- */

enum { MARGIN = 64, INNER = CARD_WIDTH - 2 * MARGIN, SIDE = 476, RIGHT = CARD_WIDTH - MARGIN - SIDE };

#define NIGHT UINT32_C(0x17122BFF)
#define DUSK UINT32_C(0x2B1B4DFF)
#define WHITE UINT32_C(0xFFFFFFFF)
#define PALE UINT32_C(0xD9D4EAFF)
#define MUTED UINT32_C(0xA79FC4FF)
#define VEIL UINT32_C(0xFFFFFF1A)
#define CORAL UINT32_C(0xFF6B5EFF)
#define ROSE UINT32_C(0xC2387EFF)
#define SKY UINT32_C(0x2F80EDFF)
#define TEAL UINT32_C(0x14A38BFF)
#define AMBER UINT32_C(0xFFC857FF)

/* The bullet is part of the text, so that it stands at the right in right-to-left scripts. */
static const char *bullet(const char *takeaway, struct arena *arena)
{
    return arena_printf(arena, "•  %s", takeaway);
}

struct picture card_picture(const struct card *card, struct arena *arena)
{
    const char *room = arena_printf(arena, "in %s", card->room);
    const struct shape shapes[] = {
        {SHAPE_BOX, 0, 0, CARD_WIDTH, CARD_HEIGHT, NIGHT, DUSK, .radius = 0},
        {SHAPE_BOX, 0, 0, CARD_WIDTH, 8, CORAL, SKY, .radius = 0},
        {SHAPE_TEXT, MARGIN, 40, 420, 36, AMBER, .text = "PERSONAWORLDS", .size = 22, .lines = 1, .spacing = 4,
         .bold = true},
        {SHAPE_TEXT, MARGIN + 440, 40, INNER - 440, 36, MUTED, .text = room, .size = 24, .lines = 1, .to_right = true},
        {SHAPE_TEXT, MARGIN, 88, INNER, 184, WHITE, .text = card->topic, .size = 64, .least_size = 32, .lines = 3,
         .bold = true},
        {SHAPE_BOX, MARGIN, 290, SIDE, 84, CORAL, ROSE, .radius = 20},
        {SHAPE_TEXT, MARGIN + 24, 290, SIDE - 64, 84, WHITE, .text = card->sides[0], .size = 34, .least_size = 22,
         .lines = 1, .bold = true, .centred = true},
        {SHAPE_BOX, RIGHT, 290, SIDE, 84, SKY, TEAL, .radius = 20},
        {SHAPE_TEXT, RIGHT + 40, 290, SIDE - 64, 84, WHITE, .text = card->sides[1], .size = 34, .least_size = 22,
         .lines = 1, .bold = true, .centred = true},
        {SHAPE_BOX, CARD_WIDTH / 2 - 46, 286, 92, 92, NIGHT, .radius = 46},
        {SHAPE_TEXT, CARD_WIDTH / 2 - 46, 286, 92, 92, AMBER, .text = "VS", .size = 34, .lines = 1, .bold = true,
         .centred = true},
        {SHAPE_TEXT, MARGIN, 388, INNER, 44, AMBER, .text = card->verdict, .size = 28, .lines = 1, .bold = true},
        {SHAPE_TEXT, MARGIN, 436, INNER, 38, PALE, .text = bullet(card->takeaways[0], arena), .size = 24, .lines = 1},
        {SHAPE_TEXT, MARGIN, 476, INNER, 38, PALE, .text = bullet(card->takeaways[1], arena), .size = 24, .lines = 1},
        {SHAPE_TEXT, MARGIN, 516, INNER, 38, PALE, .text = bullet(card->takeaways[2], arena), .size = 24, .lines = 1},
        {SHAPE_BOX, MARGIN, 564, INNER, 1, VEIL, .radius = 0},
        {SHAPE_TEXT, MARGIN, 574, INNER, 36, MUTED, .text = card->link, .size = 20, .least_size = 14, .lines = 1},
    };
    struct shape *copy = arena_alloc(arena, sizeof shapes);
    memcpy(copy, shapes, sizeof shapes);
    return (struct picture){.width = CARD_WIDTH, .height = CARD_HEIGHT, .shapes = copy, .count = COUNT(shapes)};
}
