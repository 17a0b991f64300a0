/* Covers: domain/card/card.c domain/card/layout.c domain/battle.c domain/brief.c */
#include "domain/card/card.h"
#include "base/utf8.h"
#include "domain/battle.h"
#include "fuzz.h"

static void check_line(const char *text)
{
    INVARIANT(utf8_valid(text, strlen(text)) && !strchr(text, '\n'));
}

/* What a picture asks of the drawing: nothing outside of the card, no size that isn't one. */
static void check_picture(const struct picture *picture)
{
    INVARIANT(picture->width == CARD_WIDTH && picture->height == CARD_HEIGHT && picture->count > 0);
    for (int i = 0; i < picture->count; i++) {
        const struct shape *shape = &picture->shapes[i];
        INVARIANT(shape->x >= 0 && shape->y >= 0 && shape->width > 0 && shape->height > 0);
        INVARIANT(shape->x + shape->width <= CARD_WIDTH && shape->y + shape->height <= CARD_HEIGHT);
        if (shape->kind == SHAPE_TEXT)
            check_line(shape->text);
    }
}

static void check_battle(struct arena *arena, const struct brief *brief)
{
    const char *topic = battle_topic(arena, brief->post.content, brief->room_name);
    const char *pro = battle_line(arena, brief->post.content, "Pro style");
    const char *con = battle_line(arena, brief->post.content, "Con style");
    if (!strchr(brief->room_name, '\n')) /* rooms are ours: their names are used as they are */
        check_line(topic);
    battle_check(topic, battle_style(arena, pro ? pro : ""), battle_style(arena, con ? con : ""));
}

/* The first byte is how many replies there are, the rest the brief's JSON. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct brief brief;
    struct err err;
    if (size > 0 && brief_read(&brief, LLM_REPLY, fuzz_text(arena, data + 1, size - 1), arena, &err)) {
        check_battle(arena, &brief);
        struct card card = card_make(&brief, data[0] % 16, "example.org", arena);
        struct picture picture = card_picture(&card, arena);
        check_picture(&picture);
    }
    arena_free(arena);
    return 0;
}
