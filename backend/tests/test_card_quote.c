#include "unit.h"

#include "domain/card/quote.h"
#include "domain/card/sentences.h"

struct golden {
    const char *text, *picked;
};

/* The openings of the others: what repeats them is nothing new. */
static const char *const openings[] = {
    "Should every prompt change go through code review?",
    "Review slows ideas down and nobody learns from it.",
    "Bağlantı havuzunu büyütmek sorguyu hızlandırmaz.",
    "Önce havuz beklemesini ölçmek gerekir.",
};

/* clang-format off */
static const struct golden english[] = {
    {"The other side is right that review slows ideas down. Still: cut the review for a week and see which prompt "
     "broke. Would you bet a release on it?", "Still: cut the review for a week and see which prompt broke."},
    {"Fair point that review without data is taste. With forty cases in the pipeline the reviewer argues with "
     "evidence. What would change your mind?",
     "With forty cases in the pipeline the reviewer argues with evidence."},
    {"Show me the eval: we halved the pool, p99 fell, and the surprise was how little anybody had measured before. What "
     "was your first honest number?",
     "Show me the eval: we halved the pool, p99 fell, and the surprise was how little anybody had measured before."},
    {"Ablation is the best evaluation a game can get. Did the readable hits change how players moved, or only what they "
     "said?", "Ablation is the best evaluation a game can get."},
    {"You're right. A prompt is a program. Programs are reviewed by somebody who didn't write them.",
     "Programs are reviewed by somebody who didn't write them."},
    {"Review slows ideas down. It also stops the ones that were bad from the start.",
     "It also stops the ones that were bad from the start."},
    {"Good point. Good point indeed. Then measure what a reviewer finds in a month.",
     "Then measure what a reviewer finds in a month."},
    {"Is it? Really? Or is a test enough for this kind of change?", "Or is a test enough for this kind of change?"},
    {"Yes, that is what we thought. In 2023 we had 14 outages from unreviewed prompts.",
     "In 2023 we had 14 outages from unreviewed prompts."},
    {"Two people read each change here. Nobody has called that slow.", "Two people read each change here."},
    {"Ship it.", "Ship it."},
    {"Ship it. Then watch the graphs for a week.", "Then watch the graphs for a week."},
    {"", ""},
    {"... !!! ???", ""},
    {"Granted, somebody has to read it. Let the tests read it first: they never get tired.",
     "Let the tests read it first: they never get tired."},
    {"I agree with most of that. My team gave reviews up and the error rate doubled within three weeks, which is why we "
     "have them again, though shorter than they were before that. A checklist did the same for less.",
     "A checklist did the same for less."},
    {"Every prompt change should go through code review. Machines can run the evaluation before a human looks.",
     "Machines can run the evaluation before a human looks."},
    {"Of course reviews cost time. Of course outages cost more. Which one do you log?", "Of course reviews cost time."},
    {"To be fair, nobody counts the ideas that were never sent. We count 31 a quarter.", "We count 31 a quarter."},
    {"No review at all\nA pair that writes the prompt together needs none", "A pair that writes the prompt together needs none"},
};

static const struct golden turkish[] = {
    {"Varsayma, doğrula: havuz beklemesi ile kilit beklemesini aynı grafikte görmeden kimse suçluyu bulamaz. Siz ikisini "
     "ayrı ölçüyor musunuz?",
     "Varsayma, doğrula: havuz beklemesi ile kilit beklemesini aynı grafikte görmeden kimse suçluyu bulamaz."},
    {"Önce ölç: bizde ilk on dakikayı nöbetçi değil, kontrol listesi yönetiyor. Liste yorulmaz; sizde listeyi kim güncel "
     "tutuyor?", "Önce ölç: bizde ilk on dakikayı nöbetçi değil, kontrol listesi yönetiyor."},
    {"İddia: çoğu ekip için tablo yeter. Kanıt: SKIP LOCKED ile tek makinede saniyede binlerce iş aldık. Basit olan gece "
     "uyutur; sizin yükünüz ne?", "İddia: çoğu ekip için tablo yeter."},
    {"İddia: sınır hız değil, yalıtım. Kanıt: şişen bir kuyruk, ana veritabanının yedek penceresini yedi. Bunu hangi "
     "alarm size söyler?", "İddia: sınır hız değil, yalıtım."},
    {"Haklısın. Ama havuz küçükken sıra uygulamada beklerdi, kimse görmezdi.",
     "Ama havuz küçükken sıra uygulamada beklerdi, kimse görmezdi."},
    {"Doğru, ama eksik. Kilidi tutan işlem bitmeden hiçbir havuz yetmez.",
     "Kilidi tutan işlem bitmeden hiçbir havuz yetmez."},
    {"Bağlantı havuzunu büyütmek sorguyu hızlandırmaz. Sorguyu hızlandıran doğru indekstir.",
     "Sorguyu hızlandıran doğru indekstir."},
    {"Sizde kaç bağlantı var? Bizde 20 bağlantı 4.000 isteğe yetiyor.", "Bizde 20 bağlantı 4.000 isteğe yetiyor."},
    {"Güzel bir nokta. Yine de ilk iş yavaş sorgu günlüğünü açmak olmalı.",
     "Yine de ilk iş yavaş sorgu günlüğünü açmak olmalı."},
    {"Karşı taraf haklı olabilir. Biz iki haftada 3 kez yanıldık.", "Biz iki haftada 3 kez yanıldık."},
    {"Katılıyorum. Katılıyorum ama ölçmeden konuşmak istemem. Grafik olmadan tartışma olmaz.",
     "Grafik olmadan tartışma olmaz."},
    {"Olmaz.", "Olmaz."},
    {"Elbette büyütün. Sonra veritabanının nasıl diz çöktüğünü izleyin.",
     "Sonra veritabanının nasıl diz çöktüğünü izleyin."},
    {"Havuz mu? Kilit mi? Yoksa ikisi birden mi bekletiyor?", "Yoksa ikisi birden mi bekletiyor?"},
    {"Gece üçte okunmayan log, log değildir. Kuyruk büyüyorsa sorun işçi sayısı değil, geri basıncın yokluğudur.",
     "Gece üçte okunmayan log, log değildir."},
    {"Evet, denedik. Evet, bozuldu. Sonra havuzu yarıya indirdik: gecikme düştü.",
     "Sonra havuzu yarıya indirdik: gecikme düştü."},
    {"Kabul, ölçmek zor. Ölçmemek daha pahalı.", "Ölçmemek daha pahalı."},
    {"Tabii ki hız önemli. Ama güvenilirlik olmadan hızın değeri yok, bunu her nöbetçi bilir.",
     "Ama güvenilirlik olmadan hızın değeri yok, bunu her nöbetçi bilir."},
    {"ŞÜPHELİYİM. BENCE HAVUZ DEĞİL, İNDEKS EKSİK.", "BENCE HAVUZ DEĞİL, İNDEKS EKSİK."},
    {"Tek satır yeter\nİkinci satırda 5 örnek daha var ve hepsi gerçek", "İkinci satırda 5 örnek daha var ve hepsi gerçek"},
};
/* clang-format on */

static void check(struct arena *arena, const struct golden *golden, size_t count)
{
    const char *items[COUNT(openings)];
    memcpy(items, openings, sizeof items);
    const struct texts others = {.items = items, .count = COUNT(openings)};
    for (size_t i = 0; i < count; i++) {
        struct texts sentences = sentences_of(arena, golden[i].text);
        assert_text(quote_pick(arena, &sentences, &others), golden[i].picked, golden[i].text);
    }
}

static void golden_quotes_in_english(void **state)
{
    assert_int_equal(COUNT(english), 20);
    check(*state, english, COUNT(english));
}

static void golden_quotes_in_turkish(void **state)
{
    assert_int_equal(COUNT(turkish), 20);
    check(*state, turkish, COUNT(turkish));
}

static void sentences_end_at_marks(void **state)
{
    static const struct {
        const char *text, *sentences[4];
    } cases[] = {
        {"One. Two! Three?", {"One.", "Two!", "Three?"}},
        {"Version 1.5 runs. 3.14 too.", {"Version 1.5 runs.", "3.14 too."}},
        {"He said “Stop.” Then (go!) It went", {"He said “Stop.”", "Then (go!)", "It went"}},
        {"小さく。始めて！測る？", {"小さく。", "始めて！", "測る？"}},
        {"「はい。」と言った。", {"「はい。」", "と言った。"}},
        {"🔥 🔥! ... Yes", {"🔥 🔥!", "Yes"}},
        {"a\r\nb\n\nc", {"a", "b", "c"}},
        {"\"Stop.\" he said. \"Go.\" She went", {"\"Stop.\" he said.", "\"Go.\"", "She went"}},
        {"Wait... what?! 🎮", {"Wait...", "what?! 🎮"}},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct texts found = sentences_of(*state, cases[i].text);
        for (int j = 0; j < 4; j++)
            assert_text(j < found.count ? found.items[j] : NULL, cases[i].sentences[j], cases[i].text);
    }
    struct texts endless = sentences_of(*state, repeated(*state, "a. ", 1000));
    assert_int_equal(endless.count, 32);
    assert_int_equal(strlen(sentences_joined(*state, &endless, 0)), 2999);
}

static void quote_marks_are_those_of_the_script(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"Yes.", "“"},        {"Evet, şüphesiz.", "“"}, {"نعم، هذا صحيح.", "«"},
                                           {"Да, это так", "«"}, {"Ναι, έτσι είναι", "«"}, {"それが全てだと思う", "「"},
                                           {"这是对的。", "“"},  {"네, 맞아요", "“"},      {"", "“"}};
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_text(quote_marks_of(cases[i][0]).opening, cases[i][1], cases[i][0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(golden_quotes_in_english),
        arena_test(golden_quotes_in_turkish),
        arena_test(sentences_end_at_marks),
        arena_test(quote_marks_are_those_of_the_script),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
