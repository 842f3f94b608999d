"""ImageNet's 1,000 classes by name: Chinese in Chinese, English as torchvision writes them."""

import re

import pytest

from resnet_demo.checkpoints import hub
from resnet_demo.checkpoints.imagenet import imagenet_card
from resnet_demo.data.classes import IMAGENETTE
from resnet_demo.kit.format import class_label
from resnet_demo.kit.text import PACKAGE, catalogue, imagenet

CLASSES = {item["id"]: item["name"] for item in imagenet_card(hub.imagenet("resnet18"), "")["classes"]}
CHINESE = {key: class_label("zh", key, name) for key, name in CLASSES.items()}


def test_every_class_has_a_chinese_name_of_its_own() -> None:
    assert len(CHINESE) == len(set(CHINESE.values())) == 1000
    assert [name for name in CHINESE.values() if not re.search(r"[\u4e00-\u9fff]", name)] == []
    assert [name for name in CHINESE.values() if name != name.strip()] == []
    latin = {name for name in CHINESE.values() if re.search("[A-Za-z]", name)}
    assert latin == {"CD 播放机", "iPod 播放器", "MPV（多用途汽车）", "T 恤衫", "福特 T 型车"}


def test_the_names_are_the_classifiers_in_its_order_and_imagenettes_are_said_once() -> None:
    assert list(imagenet("zh")) == [key for key in CLASSES if key not in IMAGENETTE]
    assert {key: CHINESE[key] for key in IMAGENETTE} == {key: catalogue("zh")[f"class.{key}"] for key in IMAGENETTE}
    assert [path.name for path in (PACKAGE / "kit" / "text" / "imagenet").iterdir()] == ["zh.json"]


def test_english_stays_english() -> None:
    assert imagenet("en") == {}
    assert {key: class_label("en", key, name) for key, name in CLASSES.items()} == CLASSES


def test_a_class_that_nobody_named_goes_by_its_own_name() -> None:
    assert class_label("zh", "my-class", "my class") == "my class"


@pytest.mark.parametrize(
    ("index", "english", "chinese"),
    [
        (1, "goldfish", "金鱼"),
        (17, "jay", "蓝鸦"),
        (21, "kite", "鸢"),
        (42, "agama", "鬣蜥"),
        (134, "crane bird", "鹤"),
        (207, "golden retriever", "金毛寻回犬"),
        (281, "tabby", "虎斑猫"),
        (345, "ox", "役牛"),
        (364, "three-toed sloth", "三趾树懒"),
        (408, "amphibian", "水陆两用车"),
        (417, "balloon", "热气球"),
        (456, "bow", "弓"),
        (494, "chime", "风铃"),
        (517, "crane", "起重机"),
        (620, "laptop", "笔记本电脑（膝上型）"),
        (638, "maillot", "体操紧身衣"),
        (639, "maillot tank suit", "连体泳衣"),
        (673, "mouse", "鼠标"),
        (681, "notebook", "笔记本电脑"),
        (714, "pick", "拨片"),
        (726, "plane", "木工刨"),
        (738, "pot", "花盆"),
        (748, "purse", "小钱包"),
        (753, "radiator", "暖气片"),
        (758, "reel", "渔线轮"),
        (836, "sunglass", "墨镜"),
        (837, "sunglasses", "太阳镜"),
        (876, "tub", "浴桶"),
        (884, "vault", "拱顶"),
        (908, "wing", "机翼"),
        (982, "groom", "新郎"),
        (999, "toilet tissue", "卫生纸"),
    ],
)
def test_homonyms_and_names_all_over_the_list(index: int, english: str, chinese: str) -> None:
    key = f"imagenet-{index}"
    assert (CLASSES[key], CHINESE[key]) == (english, chinese)
