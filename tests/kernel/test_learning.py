"""The small classifier: words near each other are heard, what separates labels is learnt, the same everywhere."""

import subprocess
import sys

import pytest

from shouwen.kernel.learning import Classifier, Words, features, macro_f1, near, shares

WORDS = Words("# a remark\n\nwet: 漏水 水管+破 潮\nloud: 噪音 Music\n")
TAUGHT = [
    ("leak", "厨房漏水了"), ("leak", "墙上有水印"), ("leak", "水管一直滴水"), ("leak", "天花板往下滴水"),
    ("noise", "楼上半夜噪音"), ("noise", "隔壁放歌太吵"), ("noise", "半夜吵得睡不着"), ("noise", "音响太吵"),
]  # fmt: skip


def classifier() -> Classifier:
    return Classifier((label, features(text, WORDS)) for label, text in TAUGHT)


def test_words_of_a_line_are_heard_whatever_their_width_and_case():
    assert WORDS.heard("家里漏水又返潮") == {"wet": [("漏水",), ("潮",)]}
    assert features("ＭＵＳＩＣ太响", WORDS)["@loud"] == 2
    assert WORDS.heard("一切都好") == {}


def test_the_parts_of_a_word_stand_near_each_other_in_one_sentence():
    assert WORDS.heard("水管昨天破了") == {"wet": [("水管", "破")]}
    assert WORDS.heard("破的是那根水管") == {"wet": [("水管", "破")]}
    assert WORDS.heard("水管是好的。玻璃破了") == {}
    assert not near("水管" + "在" * 20 + "破了", ("水管", "破"))


def test_features_stay_within_clauses_and_a_question_is_one():
    seen = features("坏了，灯？", Words(""))
    assert {"坏", "了", "坏了", "灯", "@?"} == set(seen)


def test_what_was_taught_is_known_and_generalises():
    made = classifier()
    for label, text in [*TAUGHT, ("leak", "阳台滴水"), ("noise", "半夜太吵")]:
        scores = made.scores(features(text, WORDS))
        assert max(scores, key=scores.__getitem__) == label


def test_a_feature_speaks_for_the_label_that_it_came_with():
    made = classifier()
    assert made.weight("leak", "水") > 0 > made.weight("noise", "水")
    assert made.weight("leak", "never seen") == 0.0


def test_a_text_without_anything_known_favours_nobody():
    assert set(classifier().scores(features("xyz", WORDS)).values()) == {0.0}


def test_a_long_text_does_not_shout():
    made = classifier()
    once = made.scores(features("厨房漏水了", WORDS))
    long = made.scores(features("厨房漏水了" + "，另外甲乙丙丁戊己庚辛" * 20, WORDS))
    assert max(long.values()) <= max(once.values())


def test_every_process_learns_the_same():
    """Hashes of strings differ from process to process; the weights must not."""
    code = (
        "from tests.kernel.test_learning import classifier, features, WORDS;"
        "print(repr(classifier().scores(features('楼上半夜漏水', WORDS))))"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "DJANGO_SETTINGS_MODULE": "shouwen.site.settings", "SHOUWEN_TESTING": "1"},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }  # fmt: skip
    assert len(told) == 1


def test_shares_add_up_and_warmth_evens_them():
    cold, warm = shares({"a": 1.0, "b": 0.0}, 0.2), shares({"a": 1.0, "b": 0.0}, 5.0)
    assert sum(cold.values()) == pytest.approx(1.0)
    assert cold["a"] > warm["a"] > 0.5


def test_macro_f1_counts_every_label_alike():
    assert macro_f1([("a", "a"), ("b", "b")]) == 1.0
    assert macro_f1([("a", "a")] * 9 + [("b", "a")]) == pytest.approx((18 / 19 + 0) / 2)
