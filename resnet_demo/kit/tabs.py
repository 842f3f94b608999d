"""What a chapter's `tab` module is until its pages declare themselves."""

from typing import Any, Protocol

from resnet_demo.kit.site import Site


class Tab(Protocol):
    """`KEY` names its texts, `build` lays out, `wire` connects."""

    KEY: str

    def build(self, page: Site) -> Any: ...

    def wire(self, page: Site, parts: Any) -> None: ...
