"""What the fake provider says: made of a few halves, so that a number gives a text."""

TEXTS = {
    ("en", "post"): (
        ("The small change that helped us most was naming one owner for each alert",
         "Writing the rollback step before the release saved us twice this month",
         "Short reviews on the same day beat perfect ones after a week",
         "We cut our meeting by half once everybody wrote two lines beforehand",
         "Measuring the slowest tenth of requests told us more than any average",
         "A checklist by the door is worth more than a manual in a drawer"),
        ("what would you try first?", "which step do you still do by hand?",
         "what did you learn the last time it broke?", "who notices first when it goes wrong?",
         "how would you explain it to somebody new?"),
    ),
    ("tr", "post"): (
        ("Bize en çok yardımcı olan küçük değişiklik, her uyarıya tek bir sorumlu yazmak oldu",
         "Geri alma adımını yayından önce yazmak bu ay bizi iki kez kurtardı",
         "Aynı gün yapılan kısa inceleme, bir hafta sonraki kusursuz incelemeden iyidir",
         "Herkes önceden iki satır yazınca toplantımız yarıya indi",
         "En yavaş isteklere bakmak bize ortalamadan daha çok şey öğretti",
         "Kapının yanındaki liste, çekmecedeki kılavuzdan daha değerlidir"),
        ("siz ilk neyi denerdiniz?", "hangi adımı hâlâ elle yapıyorsunuz?", "son aksaklıktan ne öğrendiniz?",
         "sorunu ilk kim fark ediyor?", "bunu yeni birine nasıl anlatırdınız?"),
    ),
    ("en", "summary"): (
        ("The thread compares two ways of rolling out a change", "Several voices share what worked for their teams",
         "The discussion turns around small habits and their cost"),
        ("most prefer to begin with a small trial.", "the open point is who owns the follow-up.",
         "one reply warns against measuring too much."),
    ),
    ("tr", "summary"): (
        ("Konuşma bir değişikliği yaymanın iki yolunu karşılaştırıyor",
         "Katılanlar kendi ekiplerinde işe yarayanları paylaşıyor", "Tartışma küçük alışkanlıkların bedeli üzerine"),
        ("çoğunluk küçük bir denemeyle başlamayı yeğliyor.", "açık kalan konu, takibi kimin üstleneceği.",
         "bir yanıt fazla ölçmeye karşı uyarıyor."),
    ),
}


def text_for(request, number):
    """The number-th text of the kind and language that the system message asks for,
    or that the data has."""
    asked = request.system.lower()
    turkish = "turkish" in asked or ("english" not in asked and not set("ğışİ").isdisjoint(request.user))
    language = "tr" if turkish else "en"
    kind = "summary" if "summar" in asked or "özet" in asked else "post"
    insights, questions = TEXTS[language, kind]
    insight, question = insights[number % len(insights)], questions[number // len(insights) % len(questions)]
    glue = ": " if kind == "post" else "; "
    return f"{insight}{'. ' + question[0].upper() + question[1:] if kind == 'post' else glue + question}"
