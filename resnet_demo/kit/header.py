"""What surrounds the chapters, as HTML: the header above them, what is said beside them, the links below."""

from html import escape

from resnet_demo.kit.classroom import qr_drawing
from resnet_demo.kit.text import LANGUAGES, t

FIRST = next(iter(LANGUAGES))


def brand(language: str) -> str:
    """A link past the header, the app's name, and the photo as a button that opens the drawer of photos."""
    photo, skip = escape(t(language, "app.photo")), escape(t(language, "app.skip"))
    return (
        f'<a id="skip" href="#tabs" onclick="event.preventDefault(); window.resnet.toContent()">{skip}</a>'
        f"<h1>{escape(t(language, 'app.title'))}</h1>"
        '<button type="button" id="photo-chip" aria-expanded="false" aria-controls="drawer" '
        f'onclick="window.resnet.drawer()"><img alt=""><span>{photo}</span></button>'
    )


def tools(language: str, address: str | None) -> str:
    """The class's address, large type, light or dark, and a link to the same place in the other language."""
    links = "".join(
        f'<a data-language="{other}" data-href="./{"" if other == FIRST else other}" '
        f'href="./{f"?lang={other}" if other == FIRST else other}" lang="{other}">{escape(name)}</a>'
        for other, name in LANGUAGES.items()
        if other != language
    )
    buttons = "".join(
        f'<button type="button" id="{name}" onclick="window.resnet.{name}()" '
        f'title="{escape(t(language, f"app.{name}"))}" '
        f'aria-label="{escape(t(language, f"app.{name}"))}">{sign}</button>'
        for name, sign in (("projector", "A⁺"), ("dark", "◐"))
    )
    joining = classroom(language, address) if address else ""
    return f'{joining}{buttons}<nav aria-label="{escape(t(language, "app.language"))}">{links}</nav>'


def classroom(language: str, address: str) -> str:
    """A button that shows a class where to open this app: the address, and its QR code."""
    join = escape(t(language, "app.join"))
    return (
        f'<button type="button" id="join" popovertarget="joining">{join}</button>'
        f'<div id="joining" popover><p>{escape(t(language, "app.join_how"))}</p>'
        f'<p class="join-address">{escape(address)}</p>{qr_drawing(address, join)}</div>'
    )


def notes(language: str) -> str:
    """What is said beside the pages: headlines and charts to screen readers, a lost server, settings left out."""
    ignored = escape(t(language, "page.address_ignored"))
    return (
        '<p id="announcer" role="status" class="unseen"></p>'
        f'<p id="server-note" role="alert" hidden>{escape(t(language, "app.server_gone"))}</p>'
        f'<p id="address-note" role="status" data-ignored="{ignored}"></p>'
        f'<div id="chart-data" popover tabindex="-1" data-how="{escape(t(language, "app.chart_data"))}" '
        f'data-series="{escape(t(language, "app.chart_series"))}"></div>'
    )


def share(language: str) -> str:
    """The address of the open page, what embeds it elsewhere, and the endpoints for scripts."""
    copied, selected = escape(t(language, "page.copied")), escape(t(language, "page.selected"))
    return (
        f'<button type="button" onclick="window.resnet.share(false)">{escape(t(language, "page.copy_link"))}</button>'
        f'<button type="button" onclick="window.resnet.share(true)">{escape(t(language, "page.embed"))}</button>'
        f'<a href="?view=api">{escape(t(language, "app.api"))}</a>'
        f'<input readonly hidden aria-label="{escape(t(language, "page.to_copy"))}">'
        f'<span role="status" data-copied="{copied}" data-selected="{selected}"></span>'
    )
