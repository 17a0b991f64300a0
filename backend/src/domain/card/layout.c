#include <string.h>

#include "domain/card/card.h"
#include "domain/card/topic.h"

/* Pixels. Nothing stands in the outer 48, which chats round off, but the bar and the ground. */
enum {
    BAR = 16,
    MARGIN = 64,
    RIGHT = CARD_WIDTH - 56, /* where lines end that end at the right */
    INNER = RIGHT - MARGIN,
    BOX_TOP = 268,
    BOX_HEIGHT = 248,
    BOX_HEIGHT_ABOVE_THIRD = 236, /* still four lines, and air around the line of a third voice */
    BOX_GAP = 16,
    SIDE = (INNER - BOX_GAP) / 2,
    BOX_EDGE = 8,
    BOX_RADIUS = 16,
    BOX_PADDING = 26,
    ROOM_WIDTH = 520,
    VERDICT_WIDTH = 724,
    HOST_WIDTH = INNER - VERDICT_WIDTH - 16,
    SHAPES_MAX = 24,
};

/* Text on its ground has a contrast of 7.8 at the least (WCAG 2.2). */
enum {
    NIGHT = 0x17122B, /* the ground */
    DUSK = 0x241C40,  /* the boxes' */
    WHITE = 0xFFFFFF,
    PALE = 0xF0EDF6,
    SOFT = 0xC9C3DA,
    AMBER = 0xFFC857,
    CORAL = 0xFF9A8F,
    SKY = 0x7CC8EA,
};

static const struct text_size small_size[] = {{26, 1, 36}, {0}}, name_size[] = {{32, 1, 44}, {0}},
                              quote_size[] = {{30, 4, 38}, {0}}, verdict_size[] = {{30, 1, 42}, {0}},
                              topic_sizes[] = {{60, 1, 72}, {52, 2, 62}, {46, 3, 55}, {40, 3, 48}};

struct sketch {
    struct shape shapes[SHAPES_MAX];
    int count;
    const char *language; /* of the card's own words */
    int box_height;
    struct arena *arena;
};

static const char *tag_of(enum language language)
{
    return language == LANGUAGE_TR ? "tr" : "en";
}

static void add_shape(struct sketch *sketch, struct shape shape)
{
    INVARIANT(sketch->count < SHAPES_MAX);
    if (shape.kind == SHAPE_TEXT) {
        shape.shorten = shape.shorten ? shape.shorten : card_text_cut;
        shape.language = shape.language ? shape.language : sketch->language;
    }
    sketch->shapes[sketch->count++] = shape;
}

static void add_head(struct sketch *sketch, const struct card *card)
{
    int height = card->side_count > 0 ? 168 : 432;
    add_shape(sketch, (struct shape){SHAPE_TEXT, MARGIN, 41, INNER - ROOM_WIDTH, 36, AMBER, NIGHT,
                                     .text = "PersonaWorlds", .sizes = small_size, .bold = true});
    add_shape(sketch, (struct shape){SHAPE_TEXT, RIGHT - ROOM_WIDTH, 41, ROOM_WIDTH, 36, SOFT, NIGHT,
                                     .text = card->room, .sizes = small_size, .to_right = true});
    add_shape(sketch, (struct shape){SHAPE_TEXT, MARGIN, 84, INNER, height, WHITE, NIGHT, .text = card->topic,
                                     .sizes = topic_sizes, .shorten = card_topic_cut, .bold = true, .centred = true,
                                     .balanced = true});
}

/* A box whose upper edge has the side's colour: as wide as its corners are round. */
static void add_box(struct sketch *sketch, int x, int width, uint32_t colour)
{
    enum { CUT = BOX_TOP + 2 * BOX_RADIUS };
    const struct shape edge = {SHAPE_BOX, x, BOX_TOP, width, CUT - BOX_TOP, colour, NIGHT, .radius = BOX_RADIUS};
    const struct shape body = {SHAPE_BOX, x,      BOX_TOP + BOX_EDGE,  width, CUT - BOX_TOP - BOX_EDGE,
                               DUSK,      colour, .radius = BOX_RADIUS};
    const struct shape foot = {
        SHAPE_BOX, x, CUT, width, BOX_TOP + sketch->box_height - CUT, DUSK, NIGHT, .foot_radius = BOX_RADIUS};
    add_shape(sketch, edge);
    add_shape(sketch, body);
    add_shape(sketch, foot);
}

static void add_side(struct sketch *sketch, const struct card_voice *voice, int x, int width, uint32_t colour)
{
    int inner = x + BOX_PADDING, inner_width = width - 2 * BOX_PADDING;
    const char *language = tag_of(voice->language);
    bool is_quoted = *voice->quote != '\0';
    add_box(sketch, x, width, colour);
    add_shape(sketch, (struct shape){SHAPE_TEXT, inner, 299, inner_width, 44, colour, DUSK, .text = voice->name,
                                     .language = language, .sizes = name_size, .bold = true});
    add_shape(sketch, (struct shape){SHAPE_TEXT, inner, 348, inner_width, 156, PALE, DUSK, .text = voice->quote,
                                     .opening = is_quoted ? voice->marks.opening : "",
                                     .closing = is_quoted ? voice->marks.closing : "", .language = language,
                                     .sizes = quote_size});
}

static void add_sides(struct sketch *sketch, const struct card *card)
{
    if (card->side_count == 1)
        add_side(sketch, &card->sides[0], MARGIN, INNER, CORAL);
    if (card->side_count == 2) {
        add_side(sketch, &card->sides[0], MARGIN, SIDE, CORAL);
        add_side(sketch, &card->sides[1], RIGHT - SIDE, SIDE, SKY);
    }
}

static void add_foot(struct sketch *sketch, const struct card *card)
{
    const struct card_voice *third = &card->third;
    if (*third->quote)
        add_shape(sketch,
                  (struct shape){SHAPE_TEXT, MARGIN, 509, INNER, 36, PALE, NIGHT, .text = third->quote,
                                 .opening = arena_printf(sketch->arena, "%s: %s", third->name, third->marks.opening),
                                 .closing = third->marks.closing, .language = tag_of(third->language),
                                 .sizes = small_size});
    add_shape(sketch, (struct shape){SHAPE_TEXT, MARGIN, 546, VERDICT_WIDTH, 42, AMBER, NIGHT, .text = card->verdict,
                                     .sizes = verdict_size, .bold = true});
    add_shape(sketch, (struct shape){SHAPE_TEXT, RIGHT - HOST_WIDTH, 550, HOST_WIDTH, 36, SOFT, NIGHT,
                                     .text = card->host, .sizes = small_size, .to_right = true});
}

struct picture card_picture(const struct card *card, struct arena *arena)
{
    struct sketch *sketch = arena_alloc(arena, sizeof *sketch);
    sketch->arena = arena;
    sketch->language = tag_of(card->language);
    sketch->box_height = *card->third.quote ? BOX_HEIGHT_ABOVE_THIRD : BOX_HEIGHT;
    add_shape(sketch, (struct shape){SHAPE_BOX, 0, 0, CARD_WIDTH, CARD_HEIGHT, NIGHT, NIGHT, .radius = 0});
    add_shape(sketch, (struct shape){SHAPE_BOX, 0, 0, BAR, CARD_HEIGHT, AMBER, NIGHT, .radius = 0});
    add_head(sketch, card);
    add_sides(sketch, card);
    add_foot(sketch, card);
    return (struct picture){
        .width = CARD_WIDTH, .height = CARD_HEIGHT, .shapes = sketch->shapes, .count = sketch->count};
}
