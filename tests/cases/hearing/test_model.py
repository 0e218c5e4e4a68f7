"""The sentences that we wrote, and how well the model hears those that it never read."""

from collections import Counter

from shouwen.cases.hearing.danger import danger
from shouwen.cases.hearing.model import best, hear, model, read, seeds
from shouwen.kernel.learning import macro_f1
from shouwen.kernel.text import fold

TRAIN, HELD_OUT = tuple(read("train")), tuple(read("held_out"))


def trigrams(text: str) -> set[str]:
    folded = fold(text)
    return {folded[i : i + 3] for i in range(len(folded) - 2)}


def test_every_category_has_sentences_of_both_kinds():
    assert len(TRAIN) >= 600
    for sentences, fewest in ((TRAIN, 20), (HELD_OUT, 6)):
        counts = Counter(s.category for s in sentences)
        assert set(counts) == set(seeds())
        assert min(counts.values()) >= fewest


def test_no_sentence_is_written_twice():
    texts = [fold(s.text) for s in (*TRAIN, *HELD_OUT)]
    assert len(texts) == len(set(texts))


def test_the_model_has_read_nothing_like_a_held_out_sentence():
    read_of = [trigrams(s.text) for s in TRAIN]
    for sentence in HELD_OUT:
        own = trigrams(sentence.text)
        assert max(len(own & other) / len(own | other) for other in read_of) < 0.5, sentence.text


def test_held_out_sentences_are_heard_right():
    pairs = [(s.category, best(model().scores(hear(s.text)))) for s in HELD_OUT]
    kinds = [(seeds()[true].kind, seeds()[said].kind) for true, said in pairs]
    assert macro_f1(kinds) >= 0.95
    assert macro_f1(pairs) >= 0.9


def test_no_urgent_held_out_sentence_is_missed():
    assert [s.text for s in HELD_OUT if s.urgent and not danger(s.text)] == []
    alarms = [s.text for s in HELD_OUT if not s.urgent and danger(s.text)]
    assert len(alarms) <= len(HELD_OUT) * 0.02


def test_evidence_is_quoted_as_it_stands():
    found = model().evidence("廚房水管漏水，地上全濕了", "leak", "repair")
    assert "漏水" in found
    text = "Ａ座楼道灯不亮"
    assert all(piece in text for piece in model().evidence(text, "lamp", "repair"))
