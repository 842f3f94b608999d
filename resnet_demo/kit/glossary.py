"""The glossary: terms in both languages, explained on the word where it first stands on a page.

Names and explanations are in the catalogues, as `term.<key>` and `term.<key>.text`.
"""

import json
from typing import Any

from resnet_demo.kit.text import LANGUAGES, t

WORDS: dict[str, tuple[str, str]] = {
    "degradation": ("degradation", "退化问题|退化"),
    "residual_connection": ("residual connections?", "残差连接"),
    "shortcut": ("shortcuts?", "快捷连接"),
    "identity": ("identity mappings?", "恒等映射"),
    "basic_block": ("BasicBlocks?|basic blocks?", "基本块|BasicBlock"),
    "bottleneck": ("bottlenecks?", "瓶颈块"),
    "plain": ("plain networks?|PlainNet(?:-\\d+)?", "普通网络"),
    "twin": ("twins?", "孪生网络|孪生"),
    "projection": ("projections?", "投影"),
    "gap": ("global average pooling|GAP", "全局平均池化|GAP"),
    "logit": ("logits?", "logit"),
    "softmax": ("softmax", "softmax"),
    "gradcam": ("Grad-CAM", "Grad-CAM"),
    "batchnorm": ("BatchNorm", "批归一化"),
    "mac": ("MACs?|FLOPs?|multiply-adds", "MACs?|FLOPs?|乘加"),
    "receptive_field": ("receptive fields?", "感受野"),
    "feature_map": ("feature maps?", "特征图"),
    "stage": ("stages?", "阶段"),
    "stem": ("stem", "起始层"),
    "stride": ("strides?", "步幅"),
    "seed": ("seeds?", "随机种子|种子"),
    "zero_gamma": ("zero-gamma", "零 γ 初始化"),
    "preactivation": ("pre-activation", "预激活"),
    "ablation": ("ablation", "消融"),
    "epoch": ("epochs?", "训练轮数|训练轮"),
    "error": ("training errors?|test errors?", "训练误差|测试误差"),
    "kaiming": ("Kaiming", "Kaiming"),
}
"""How each term is spelt in running text, as regular expressions for English and for Chinese."""


def entries() -> list[dict[str, Any]]:
    """Every term with its name and explanation in each language, in the order of `WORDS`."""
    return [
        {
            "key": key,
            "name": {language: t(language, f"term.{key}") for language in LANGUAGES},
            "text": {language: t(language, f"term.{key}.text") for language in LANGUAGES},
        }
        for key in WORDS
    ]


def as_script() -> str:
    """The glossary for the page's script (`static/glossary.js`)."""
    spelt = [entry | {"words": dict(zip(LANGUAGES, WORDS[entry["key"]], strict=True))} for entry in entries()]
    return f"window.resnetGlossary = {json.dumps(spelt, ensure_ascii=False)};"
