"""How the catalogues are written: plain native English, Chinese as a teacher writes it, one term for one thing.

A rule is a pattern, a text that broke it and a text as it should be. A chapter is all keys with one first part. What
comes first in a chapter is what comes first in the catalogue, which lists each chapter in the order of its pages.
"""

import re

import pytest

from resnet_demo.chapters import CHAPTERS
from resnet_demo.kit.text import LANGUAGES, catalogue

ENGLISH = {
    r"(?<![Tt]here )\b(is|are) no\b": ("options is no option of a network", "There is no network here."),
    r"\bno number\b": ("The loss is no number any more", "The loss became NaN"),
    r"\bheld against\b": ("The equation held against autograd", "The equation checked against autograd"),
    r"\b[Hh]ands? on\b(?! paper)": ("what pooling hands on", "what pooling passes on"),
    r"\bdear\b": ("The 3 × 3 convolution is dear.", "The 3 × 3 convolution is expensive."),
    r"\berrs?\b": ("it errs on 11.95%", "it misclassifies 11.95%"),
    r"\banew\b|\bfor want of\b|\blikeliest\b|\bmends?\b": ("trained anew", "trained again"),
    r"\bnetworks? (said|says?)\b": ("what the network says", "the network's prediction"),
    r"\blayers? answer": ("How strongly does a layer answer?", "How strong is each layer's response?"),
    r"\bstarv": ("no block starves", "every block still receives gradient"),
    r"\bbroke off\b|\bwent astray\b": ("The training broke off.", "Training stopped unexpectedly."),
    r"\ball the same\b": ("and answer all the same", "but must still pick one"),
    r"\bcomes? out\b": ("1.9 comes out", "the output is 1.9"),
    r"\b[Bb]eside it$": ("Beside it", "Compare with"),
    r"\b[Ss]peaks?\b": ("what speaks against the class", "the evidence against the class"),
    r"\b[Pp]ictures?\b|\b[Pp]hotographs?\b": ("test photographs", "test images"),
    r"\b[Cc]uts?\b|\b[Ll]esions?\b": ("parts cut out", "parts removed"),
    r"(?<!odel )\bcards?\b(?!\.json)": ("The card is missing.", "The model card is missing."),
    r"\bBN\b": ("BN and ReLU", "BatchNorm and ReLU"),
    r"(?<!\{)\b[Rr]esidues?\b": ("Residue", "Relative error"),
    r"\bright on\b": ("88.0% right on 3,530", "88.0% accuracy on 3,530"),
    r"[’‘]": ("the block’s output", "the block's output"),
}
"""Patterns that no English text contains."""

CHINESE = {
    r"原配|对手|带走": ("原配", "自带的分类头"),
    r"代价|价格|便宜|贵|预算": ("再加一个块的代价", "再加一个块的开销"),
    r"正确率": ("正确率", "准确率"),
    r"(?<!训练)(?<!测试)(?<!相对)(?<!均方)误差(?!都不超过该特征图|达到该特征图)": ("top-1 误差", "训练误差"),
    r"(?<!又称)捷径": ("没有捷径", "没有快捷连接"),
    r"标准误差": ("两倍标准误差", "两倍标准误"),
    r"说明卡": ("说明卡", "模型卡"),
    r"输入端": ("ImageNet 输入端", "ImageNet 版起始层"),
    r"刻度": ("共用刻度", "共用色标"),
    r"图集": ("图集", "总览"),
    r"[前正]向(?!传播)|反向(?!传播)": ("前向计算", "前向传播"),
    r"训练方[案法]": ("训练方案", "训练设置"),
    r"轮次": ("轮次", "训练轮数"),
    r"主路(?!径)": ("主路 F(x)", "残差分支 F(x)"),
    r"密集层": ("密集层", "稠密层"),
    r"逐点(?!卷积)": ("逐点 1×1", "逐点卷积 1×1"),
    r"(?<![而])不是数|非数": ("0·∞ 不是数", "0·∞ 得到 NaN"),
    r"BatchNorm(?!，BN）)|(?<!BatchNorm，)\bBN\b": ("BN 之后", "批归一化（BatchNorm，BN）之后"),
    r"(?<!预)激活(?!函数|值|内存|（V2）)": ("梯度乘激活", "梯度与激活值之积"),
    r"破碎的梯度": ("破碎的梯度", "梯度破碎"),
    r"[回作]答|答错": ("答错的图片", "预测错误的图片"),
    r"(?:测试|验证|示例|训练)照片": ("测试照片", "测试图片"),
    r"(?<!热力)(?<!特征)(?<!示意)(?<!叠加)(?<!线)图(?!片|形|像|表|案| \d)": ("两张图一致吗？", "两张热力图一致吗？"),
    r"[\u4e00-\u9fff][,;:?!]|(?<!快捷连接)(?<=[\u4e00-\u9fff])\(": ("通道,步幅", "通道、步幅（stride）"),
    r"[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]": ("在ImageNet上", "在 ImageNet 上"),
}
"""Patterns that no Chinese text contains."""

BOTH = {
    r"[ \u00a0]%": ("88.05 %", "88.05%"),
    r"  ": ("two  spaces", "one space"),
}

GLOSSES = {
    "快捷连接": "（shortcut",
    "普通网络": "（plain network",
    "起始层": "（stem）",
    "批归一化": "（BatchNorm，BN）",
    "乘加次数": "（MAC）",
    "零 γ": " 初始化（zero-gamma",
    "梯度破碎": "（shattered gradients）",
    "logit": "（softmax 之前的得分）",
}
"""What follows a Chinese term where a chapter first uses it, and nowhere else in that chapter."""

DEFINITIONS = {
    "twin": "without shortcuts",
    "MACs": "multiply-adds",
    "logit": "score before softmax",
    "ero-gamma": "γ = 0",
}
"""What an English sentence also contains where a chapter first uses a term in a sentence."""


RULES = [
    (language, pattern, *texts)
    for language, own in {"en": ENGLISH, "zh": CHINESE}.items()
    for pattern, texts in (own | BOTH).items()
]
"""Language, pattern, a text that breaks it, a text that keeps it."""


def broken(language: str, pattern: str) -> dict[str, str]:
    return {key: text for key, text in catalogue(language).items() if re.search(pattern, text)}


def chapter(language: str, name: str) -> dict[str, str]:
    return {key: text for key, text in catalogue(language).items() if key.startswith(f"{name}.")}


@pytest.mark.parametrize(("language", "pattern", "wrong", "right"), RULES)
def test_a_rule_tells_wrong_from_right(language: str, pattern: str, wrong: str, right: str) -> None:
    assert re.search(pattern, wrong) and not re.search(pattern, right)


@pytest.mark.parametrize(("language", "pattern"), [rule[:2] for rule in RULES])
def test_no_text_breaks_a_rule(language: str, pattern: str) -> None:
    assert broken(language, pattern) == {}


def test_every_key_of_a_chapter_stands_with_its_chapter() -> None:
    """What "first" means: each chapter is one run of keys."""
    for name in CHAPTERS:
        keys = [key.startswith(f"{name}.") for key in catalogue("en")]
        assert "".join("x" if member else " " for member in keys).split() == ["x" * sum(keys)]


@pytest.mark.parametrize("name", CHAPTERS)
@pytest.mark.parametrize("term", GLOSSES)
def test_a_chinese_term_has_its_gloss_once_where_a_chapter_first_uses_it(name: str, term: str) -> None:
    using = {key: text for key, text in chapter("zh", name).items() if term in text}
    glossed = [key for key, text in using.items() if term + GLOSSES[term] in text]
    assert glossed == list(using)[:1]


def test_every_gloss_is_somewhere() -> None:
    texts = "".join(catalogue("zh").values())
    assert [term for term, gloss in GLOSSES.items() if term + gloss not in texts] == []


@pytest.mark.parametrize("name", CHAPTERS)
@pytest.mark.parametrize("term", DEFINITIONS)
def test_an_english_term_is_defined_where_a_chapter_first_uses_it_in_a_sentence(name: str, term: str) -> None:
    using = [text for text in chapter("en", name).values() if re.search(rf"\w*{term}\b.*[.;?]", text)]
    assert all(DEFINITIONS[term] in text for text in using[:1])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_question_ends_with_its_mark(language: str) -> None:
    mark = {"en": "?", "zh": "？"}[language]
    asking = {key: text for key, text in catalogue(language).items() if key.endswith(".question")}
    assert len(asking) > 25
    assert [key for key, text in asking.items() if not text.endswith(mark)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_line_below_a_question_is_a_sentence(language: str) -> None:
    """It ends as a sentence ends, and an English one begins with a capital."""
    looks = {key: text for key, text in catalogue(language).items() if re.search(r"\.look(_\w+)?$", key)}
    assert len(looks) > 25
    ends = {"en": (".", "?", "!"), "zh": ("。", "？", "！")}[language]
    assert [key for key, text in looks.items() if not text.endswith(ends)] == []
    assert [key for key, text in looks.items() if language == "en" and not re.match(r"[A-Z{]|make_", text)] == []
