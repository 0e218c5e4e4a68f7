"""Words of danger are never missed; negations, drills and look-alikes are not mistaken for them."""

import pytest

from shouwen.cases.hearing.danger import NEVER, SAFETY, danger

LISTED = sorted(
    {
        word
        for line in SAFETY.read_text(encoding="utf-8").splitlines()
        if line and line[0] != "#" and not line.startswith(NEVER)
        for word in line.split(":")[1].split()
    }
)
SAID = ("{}", "我家{}了", "快点,{},怎么办", "是不是{}了?", "三单元{}没人管", "之前没停过电，现在{}")


@pytest.mark.parametrize("word", LISTED)
def test_recall_on_the_list_is_one(word):
    for sentence in SAID:
        assert danger(sentence.format(word.replace("+", ""))), sentence


def test_the_list_has_what_a_house_fears_most():
    assert {"漏气", "燃气味", "电梯困人", "着火", "触电", "溺水"} <= set(LISTED)


@pytest.mark.parametrize(
    "text",
    [
        "是不是漏气了，有股怪味",
        "有没有漏气我也不确定，头晕",
        "还没着火，但是已经冒烟了",
        "不小心触电了",
        "没人管，楼道着火了",
        "防火门那边着火了",
        "着火点在三楼厨房",
        "消防通道着火",
        "电梯没困人，但是有人触电",
        "没有停电，是触电了",
        "会不会着火啊，已经冒烟",
        "厨房漏氣，快來人",  # traditional characters
        "燃 气 味 很 大",  # blanks between
        "家里媒气味很重",  # as people mistype it
        "人被困在8栋右边的电梯",
        "轿厢停在半空，里面的老人出不来",
        "从五楼窗口又扔下一个酒瓶",
        "燃气泄漏报警器一直在响",
    ],
)
def test_danger_is_heard(text):
    assert danger(text)


@pytest.mark.parametrize(
    "text",
    [
        "检查过了，没有漏气",
        "电梯修好了，没有人被困",
        "不是着火，是蒸汽",
        "已经不漏气了",
        "自行车轮胎漏气，哪里有打气筒",
        "燃气灶打不着火",
        "建议在池塘边立防溺水警示牌",
        "万一着火往哪里跑",
        "下周电梯困人演练几点开始",
        "请问有没有触电急救培训",
        "漏电保护器坏了",
        "燃气泄漏报警器什么时候装",
        "消防演习是哪天",
        "避免发生火灾，请换一个插座",
        "楼下油烟太大",
        "物业费怎么交",
        "",
    ],
)
def test_calm_is_not_mistaken_for_danger(text):
    assert danger(text) == ()
