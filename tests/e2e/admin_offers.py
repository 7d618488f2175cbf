"""What a page of the admin offers: its buttons, actions and links, as a browser without scripts would send them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.files.uploadedfile import SimpleUploadedFile
from lxml import html

#: What is typed where a form asks for it and nothing stands there yet.
TYPED = {
    "name": "New",
    "slug": "new",
    "url": "https://127.0.0.1:9/bigbluebutton/api/",
    "secret": "a-secret-that-is-long-enough-for-anybody",
    "new_secret": "a-secret-that-is-long-enough-for-anybody",
    "text": "Good morning",
    "who": "teacher",
    "with-title": "Another title",
    "lang": "en",
}
_FILES = {"file": ("lesson.srt", b"1\n00:00:01,000 --> 00:00:02,000\nGood morning.\n")}
#: What tells two buttons of the same address apart.
_TELLING = ("action", "confirmed", "post", "use")
_SUBMIT = ".//input[@type='submit'] | .//button[not(@type) or @type='submit']"


@dataclass(frozen=True)
class Offer:
    """A button or a link."""

    method: str
    address: str
    #: Which of the address's buttons it is; with it an offer is the same on several pages and to several people.
    button: tuple[tuple[str, str], ...] = ()
    data: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    files: tuple[str, ...] = field(default=(), compare=False, repr=False)

    @property
    def path(self) -> str:
        return urlsplit(self.address).path

    @property
    def is_of_a_list(self) -> bool:
        """Whether it is an action on rows that were chosen: where it is not offered, Django says that nothing was."""
        return "action" in dict(self.button)

    @property
    def saves(self) -> bool:
        """Whether it is one of the buttons below a form of the admin."""
        return bool(dict(self.button).keys() & {"_save", "_addanother", "_continue"})

    def send(self, client: Any) -> Any:
        if self.method == "get":
            return client.get(self.address, self.data or None)
        return client.post(self.address, self.data | {name: SimpleUploadedFile(*_FILES[name]) for name in self.files})


def offers_on(page: str, address: str) -> list[Offer]:
    """Return what a page offers, without what is not of this app."""
    root = html.fromstring(page, base_url=address)
    content = root.get_element_by_id("content", None)
    if content is None:
        return []
    found = [*_links(root, address), *(offer for form in content.forms for offer in _of_form(form, address))]
    return [offer for offer in dict.fromkeys(found) if offer.path.startswith("/admin/django_bbb/")]


def _links(root: Any, address: str) -> Iterator[Offer]:
    for place in root.xpath("//div[@id='content'] | //div[contains(@class, 'breadcrumbs')]"):
        for link in place.iter("a"):
            target = link.get("href", "")
            if target and not target.startswith("#"):
                yield Offer("get", urljoin(address, target))


def _of_form(form: Any, address: str) -> Iterator[Offer]:
    values, files = _filled_in(form)
    if form.get("id") == "changelist-form":
        yield from _actions(form, address, values)
    for button in form.xpath(_SUBMIT):
        name = button.get("name", "")
        if name == "index":
            continue  # of the actions
        method = (button.get("formmethod") or form.get("method") or "get").lower()
        sent = values | ({name: button.get("value", "")} if name else {})
        target = urljoin(address, button.get("formaction") or form.get("action") or address)
        telling = {key: "".join(sent[key]) for key in (*_TELLING, name) if key in sent}
        yield Offer(method, target, tuple(sorted(telling.items())), sent, files)


def _actions(form: Any, address: str, values: dict[str, Any]) -> Iterator[Offer]:
    chosen = form.xpath(f".//input[@name='{ACTION_CHECKBOX_NAME}']/@value")
    for action in form.xpath(".//select[@name='action']/option/@value"):
        if action:
            sent = values | {"action": action, "index": "0", ACTION_CHECKBOX_NAME: chosen}
            yield Offer("post", address, (("action", action),), sent)


def _filled_in(form: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return what a form would send, with what has to be typed, and the names of its files."""
    values: dict[str, Any] = {}
    for control in form.xpath(".//*[self::input or self::select or self::textarea][@name][not(@disabled)]"):
        for value in _value_of(control):
            values.setdefault(control.get("name"), []).append(value)
    for name, text in TYPED.items():
        if values.get(name) == [""]:
            values[name] = [text]
    return values, tuple(name for name in form.xpath(".//input[@type='file']/@name") if name in _FILES)


def _value_of(control: Any) -> list[str]:
    """Return what a control would send: nothing, one value, or several."""
    kind = control.get("type", "text")
    if control.tag == "select":
        chosen = control.xpath(".//option[@selected]/@value")
        return chosen or ([] if control.get("multiple") is not None else control.xpath(".//option/@value")[:1])
    if control.tag == "textarea":
        return [(control.text or "").removeprefix("\n")]
    if kind in ("submit", "button", "image", "reset", "file"):
        return []
    if kind in ("checkbox", "radio"):
        return [control.get("value", "on")] if control.get("checked") is not None else []
    return [control.get("value", "")]
