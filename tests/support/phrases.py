"""What a persona never says (do_not_say), and texts of a model that say it or don't."""

SAID = {
    "another case": ("synergy", "It is all SYNERGY here. Is it?"),
    "a capital İ": ("istanbul", "İSTANBUL uzak. Değil mi?"),
    "a dotless ı": ("ışık", "ISIK var. Değil mi?"),
    "an accent more": ("naive", "A naïve plan. Is it?"),
    "an accent less": ("imkânsız", "Bu imkansiz. Değil mi?"),
    "several words over a line's end": ("günün sonunda", "Günün\nsonunda biter. Değil mi?"),
    "quoted": ("synergy", "“Synergy”, they say. Is it?"),
    "another apostrophe": ("let's go", "Let’s go now. Is it time?"),
}

NOT_SAID = {
    "part of a longer word": ("art", "The party starts. Does it?"),
    "inflected": ("sinerji", "Sinerjinin sonu. Değil mi?"),
    "other words between": ("günün sonunda", "Günün en sonunda. Değil mi?"),
    "the end of another word": ("günün sonunda", "Bugünün sonunda. Değil mi?"),
}
