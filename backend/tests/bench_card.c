/* bench_card BRIEFS [FOLDER]: draws a card for each line of BRIEFS (how many answers, a tab, a
 * brief's JSON) and prints its processor time in microseconds and its bytes. With FOLDER the
 * cards are put there as 0.png and so on. For bench/cards.py. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "domain/card/card.h"
#include "sys/draw/draw.h"

static int64_t thread_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void give_up(const char *why)
{
    fprintf(stderr, "bench_card: %s\n", why);
    exit(1);
}

static void put_file(const char *folder, int number, const struct buf *png)
{
    char name[4096];
    snprintf(name, sizeof name, "%s/%d.png", folder, number);
    FILE *file = fopen(name, "wb");
    if (!file || fwrite(png->text, 1, png->len, file) != png->len || fclose(file) != 0)
        give_up(name);
}

static void draw_line(char *line, int number, const char *folder)
{
    struct arena *arena = arena_new();
    struct buf png = buf_new(arena);
    struct brief brief;
    struct err err;
    int64_t started = thread_us();
    char *json = strchr(line, '\t');
    if (!json || !brief_read(&brief, LLM_POST_DRAFT, json + 1, arena, &err))
        give_up(line);
    struct card card = card_make(&brief, strtoll(line, NULL, 10), "personaworlds.example", arena);
    struct picture picture = card_picture(&card, arena);
    if (!draw_png(&picture, &png, &err))
        give_up(err.text);
    printf("%lld %zu\n", (long long)(thread_us() - started), png.len);
    if (folder)
        put_file(folder, number, &png);
    arena_free(arena);
}

int main(int argc, char **argv)
{
    FILE *file = argc > 1 ? fopen(argv[1], "r") : NULL;
    char *line = NULL;
    size_t size = 0;
    if (!file)
        give_up("no file of briefs");
    for (int number = 0; getline(&line, &size, file) > 0; number++)
        draw_line(line, number, argc > 2 ? argv[2] : NULL);
    free(line);
    fclose(file);
    return 0;
}
