#include "unit.h"

#include "base/utf8.h"
#include "domain/card/topic.h"

struct golden {
    const char *content, *topic, *rest;
};

static void check(struct arena *arena, const struct golden *golden, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct card_topic topic = card_topic_of(arena, golden[i].content, "Go Backend");
        assert_text(topic.text, golden[i].topic, golden[i].content);
        assert_text(topic.rest, golden[i].rest, golden[i].content);
    }
}

/* clang-format off */
static const struct golden english[] = {
    {"Topic: Tabs or spaces?", "Tabs or spaces?", ""},
    {"Topic: \"Ship on Friday\"\nTemplate: T\nPro style: bold\nCon style: calm\nWhere is the line?",
     "Ship on Friday", "Where is the line?"},
    {"Forty hand-written cases caught more regressions than our thousand synthetic ones, because somebody had argued "
     "about each. How big is the set you trust?",
     "Forty hand-written cases caught more regressions than our thousand synthetic ones, because somebody had argued "
     "about each.", "How big is the set you trust?"},
    {"Forty hand-written cases caught more regressions than our thousand synthetic ones, because somebody on the team "
     "had argued about each of them for an hour. How big is yours?",
     "Forty hand-written cases caught more regressions than our thousand synthetic ones, because somebody on the team "
     "had argued about each…", "…of them for an hour. How big is yours?"},
    {"A cache is a promise that nobody keeps for as long as it was given and that everybody relies on as soon as they "
     "have measured what it would cost to do without",
     "A cache is a promise that nobody keeps for as long as it was given and that everybody relies on as soon as they "
     "have measured…", "…what it would cost to do without"},
    {"Queues don't make anything faster; they only decide who waits, and whoever sizes them decides how long everybody "
     "else will have to wait for what they asked for.",
     "Queues don't make anything faster; they only decide who waits, and whoever sizes them decides how long everybody "
     "else will have to wait…", "…for what they asked for."},
    {"Nobody reads the runbook at night: they read the last line of the log, and if that line says what to do next, "
     "then the outage is over before the second engineer has found the password.",
     "Nobody reads the runbook at night: they read the last line of the log, and if that line says what to do next…",
     "…then the outage is over before the second engineer has found the password."},
    {"Version 1.5 is a rewrite! Really.", "Version 1.5 is a rewrite!", "Really."},
    {"We served 1,000,000 requests on 2.5 cores. Then came the weekend.",
     "We served 1,000,000 requests on 2.5 cores.", "Then came the weekend."},
    {"One line\nSecond line. Third.", "One line", "Second line. Third."},
    {"  \n\t\nLate start, no mark", "Late start, no mark", ""},
    {"", "Battle in Go Backend", ""},
    {"...", "Battle in Go Backend", ""},
    {"Topic:\nTemplate: T", "Battle in Go Backend", ""},
    {"He said \"Stop.\" Then nothing.", "He said \"Stop.\"", "Then nothing."},
    {"(Is it?) Yes.", "(Is it?)", "Yes."},
    {"Topic: A topic that somebody wrote to the last of the hundred and eighty characters that a topic may have, which "
     "nobody will ever read on a phone, as it fills it, and then some",
     "A topic that somebody wrote to the last of the hundred and eighty characters that a topic may have, which nobody "
     "will ever read on a phone…", ""},
    {"Feel first: I removed screen shake for a week and learnt which hits were actually readable. What do you switch "
     "off to hear your own game? 🎮",
     "Feel first: I removed screen shake for a week and learnt which hits were actually readable.",
     "What do you switch off to hear your own game? 🎮"},
    {"Types are documentation — the kind that a compiler reads, that nobody forgets to change, and that the next person "
     "finds where they look for it — so write them first.",
     "Types are documentation — the kind that a compiler reads, that nobody forgets to change…",
     "…and that the next person finds where they look for it — so write them first."},
    {"https://example.com/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/"
     "0123456789/0123456789/0123456789/0123456789",
     "https://example.com/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/"
     "0123456789/0123456789/012345678…", "…9/0123456789"},
};

static const struct golden turkish[] = {
    {"Topic: Kuyruk için ayrı bir sistem mi, Postgres mi?", "Kuyruk için ayrı bir sistem mi, Postgres mi?", ""},
    {"Topic: «Cuma günü yayın»\nTemplate: Ş\nPro style: sade\nCon style: şüpheci\nSınır nerede?", "Cuma günü yayın",
     "Sınır nerede?"},
    {"Bağlantı havuzunu büyütmek sorguyu hızlandırmaz, yalnızca kuyruğu veritabanına taşır. Önce ölç: sizde bekleme "
     "havuzda mı, kilitte mi?",
     "Bağlantı havuzunu büyütmek sorguyu hızlandırmaz, yalnızca kuyruğu veritabanına taşır.",
     "Önce ölç: sizde bekleme havuzda mı, kilitte mi?"},
    {"Olay müdahalesinde ilk kayıp zaman değil, güven olur; kim neyi ne zaman gördü, yazılı olsun. Sizin ekipte ilk on "
     "dakikayı kim yönetiyor?",
     "Olay müdahalesinde ilk kayıp zaman değil, güven olur; kim neyi ne zaman gördü, yazılı olsun.",
     "Sizin ekipte ilk on dakikayı kim yönetiyor?"},
    {"Kırk elle yazılmış örnek, bin tane üretilmiş olandan daha çok hata yakaladı çünkü her biri için birileri uzun uzun "
     "tartışmıştı ve sonunda herkes aynı sonuca vardı.",
     "Kırk elle yazılmış örnek, bin tane üretilmiş olandan daha çok hata yakaladı çünkü her biri için birileri uzun uzun "
     "tartışmıştı ve sonunda…", "…herkes aynı sonuca vardı."},
    {"Önbellek kimsenin tutmadığı bir sözdür, herkes ona güvenir, kimse ne kadar süreceğini bilmez, ölçenler ise onsuz "
     "yaşamanın bedelini görünce susar ama yine de kullanır.",
     "Önbellek kimsenin tutmadığı bir sözdür, herkes ona güvenir, kimse ne kadar süreceğini bilmez…",
     "…ölçenler ise onsuz yaşamanın bedelini görünce susar ama yine de kullanır."},
    {"Gece üçte okunmayan log, log değildir. Nokta.", "Gece üçte okunmayan log, log değildir.", "Nokta."},
    {"Sürüm 1.5 baştan yazıldı! Gerçekten.", "Sürüm 1.5 baştan yazıldı!", "Gerçekten."},
    {"2,5 çekirdekte 1.000.000 istek. Sonra hafta sonu geldi.", "2,5 çekirdekte 1.000.000 istek.",
     "Sonra hafta sonu geldi."},
    {"Tek satır\nİkinci satır. Üçüncü.", "Tek satır", "İkinci satır. Üçüncü."},
    {"Yapay zekâ yazılım mühendislerinin yerini alır mı? Şüpheciyim.",
     "Yapay zekâ yazılım mühendislerinin yerini alır mı?", "Şüpheciyim."},
    {"Her mikroservis bir sözleşmedir ve her sözleşme bir toplantı demektir ve her toplantı yazılmayan kod demektir ki "
     "bunu ancak üç yıl sonra anlarsınız diye düşünüyorum",
     "Her mikroservis bir sözleşmedir ve her sözleşme bir toplantı demektir ve her toplantı yazılmayan kod demektir ki "
     "bunu ancak üç yıl sonra…", "…anlarsınız diye düşünüyorum"},
    {"Parola politikası değil, parola yöneticisi insanı korur; bunu söylemek kolay, uygulatmak zor, ölçmek ise neredeyse "
     "imkânsız olduğu için kimse konuşmak istemiyor.",
     "Parola politikası değil, parola yöneticisi insanı korur; bunu söylemek kolay, uygulatmak zor…",
     "…ölçmek ise neredeyse imkânsız olduğu için kimse konuşmak istemiyor."},
    {"\"Dur.\" dedi. Sonra sessizlik.", "\"Dur.\" dedi.", "Sonra sessizlik."},
    {"Basit olan gece uyutur…  Karmaşık olan uyandırır.", "Basit olan gece uyutur…", "Karmaşık olan uyandırır."},
    {"?! Önce ölç. Sonra konuş.", "Önce ölç.", "Sonra konuş."},
    {"Konu: Testler önce mi yazılır?", "Konu: Testler önce mi yazılır?", ""},
    {"Tehdit modeli olmayan güvenlik, pahalı bir süstür", "Tehdit modeli olmayan güvenlik, pahalı bir süstür", ""},
    {"Oyunu çıkarmadan önce bir hafta boyunca ekran titremesini kapattım, ses efektlerini kıstım, müziği durdurdum ve "
     "oyuncuların neyi gerçekten fark ettiğini izledim.",
     "Oyunu çıkarmadan önce bir hafta boyunca ekran titremesini kapattım, ses efektlerini kıstım…",
     "…müziği durdurdum ve oyuncuların neyi gerçekten fark ettiğini izledim."},
    {"Topic: Bir işin sahibi yoksa o iş yapılmaz, sahibi ikiyse iki kere yapılır, sahibi herkesse toplantı olur; o "
     "yüzden her işin tek sahibi olmalı mı, yoksa takım mı yeter?",
     "Bir işin sahibi yoksa o iş yapılmaz, sahibi ikiyse iki kere yapılır, sahibi herkesse toplantı olur; o yüzden her "
     "işin tek sahibi olmalı mı…", ""},
};
/* clang-format on */

static void golden_topics_in_english(void **state)
{
    assert_int_equal(COUNT(english), 20);
    check(*state, english, COUNT(english));
}

static void golden_topics_in_turkish(void **state)
{
    assert_int_equal(COUNT(turkish), 20);
    check(*state, turkish, COUNT(turkish));
}

static void other_scripts(void **state)
{
    static const struct golden golden[] = {
        {"小さく始めて、測る。それが全て。", "小さく始めて、測る。", "それが全て。"},
        {"هل هذا صحيح؟ نعم.", "هل هذا صحيح؟", "نعم."},
        {"पहले मापो। फिर बोलो।", "पहले मापो।", "फिर बोलो।"},
    };
    check(*state, golden, COUNT(golden));
}

/* Whatever the length, the cut is no longer than that and splits nothing that people see as one
 * character. */
static void a_cut_of_any_length(void **state)
{
    static const char line[] =
        "Because, of that 👩‍👩‍👧‍👦 and the Zürich e\u0301tude: ve ama "
        "日本語の長い文章、1,000";
    for (size_t max = 1; max < 70; max++) {
        struct arena *arena = arena_new();
        const char *cuts[] = {card_topic_cut(arena, line, max), card_text_cut(arena, line, max)};
        for (size_t i = 0; i < COUNT(cuts); i++) {
            size_t len = strlen(cuts[i]), kept = len - (strstr(cuts[i], "…") ? strlen("…") : 0);
            assert_true(utf8_count(cuts[i], len) <= MAX(max, 2));
            assert_memory_equal(cuts[i], line, kept);
            assert_true(strncmp(line + kept, "\u0301", 2) != 0 && strncmp(line + kept, "\u200d", 3) != 0);
        }
        arena_free(arena);
    }
    (void)state;
}

static void no_cut_ends_in_a_word_that_leans_on_the_next(void **state)
{
    static const char *const leaning[] = {"because", "and", "but", "that", "of", "the", "ve", "ama", "çünkü", "ki"};
    for (size_t i = 0; i < COUNT(leaning); i++) {
        const char *line = arena_printf(*state, "Measured %s %s %s", leaning[i], leaning[(i + 1) % COUNT(leaning)],
                                        repeated(*state, "x", 40));
        assert_text(card_topic_cut(*state, line, 24), "Measured…", line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(golden_topics_in_english),
        arena_test(golden_topics_in_turkish),
        arena_test(other_scripts),
        arena_test(a_cut_of_any_length),
        arena_test(no_cut_ends_in_a_word_that_leans_on_the_next),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
