"""Which columns look personal: by their names, or by a sample of values; in English and Japanese. Proposes only."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from transforms.lake_types import Type

_NAMES = re.compile(
    r"(^|_)(e?mail|phone|phone_?number|tel|mobile|fax|name|(first|last|middle|full|user|login|sur|nick|fore)_?name|[fl]name"
    r"|login_?id|kana"
    r"|(e?mail)?_?address|address_?line|street|zip|zip_?code|postal|postal_?code|postcode"
    r"|birth\w*|dob|age|gender|sex|ip|ip_?addr\w*|remote_?addr\w*|passport|ssn|national_?id\w*|my_?number|iban"
    r"|account_?number|card_?number|password\w*"
    r"|secret|token|device_id|idfa|gaid|lat|lon|lng|latitude|longitude|salary|religion|contact|user_agent"
    r"|shimei|sei|mei|furigana|jusho|juusho|denwa|keitai|yubin|yuubin|seinengappi|seibetsu)\d*($|_)"
)
_OTHER_NAMES = re.compile(
    r"(^|_)((file|host|table|column|event|campaign|product|plan|page|type|tag|class|display|category|company|country|state"
    r"|city|region|currency|status|role|privilege|group|team|department|store|shop|brand|item|device|vehicle|server|app)"
    r"_?(nick)?name|address_?id)$"
)
_HUMPS = re.compile("(?<=[a-z0-9])(?=[A-Z])")
_JAPANESE_NAMES = re.compile(
    "氏名|お名前|名前|姓名|フリガナ|ふりがな|カナ|かな|住所|番地|郵便番号|電話|携帯|ファックス|メール|生年月日|誕生日|年齢|性別|マイナンバー"
    "|口座番号|カード番号|パスワード|(?i:IP|ＩＰ)アドレス"
    "|(会員|顧客|お?客様?|担当者?|患者|利用者|ユーザー?|社員|従業員|職員|生徒|学生|児童|保護者|契約者|申込者|購入者|注文者|受取人|届け先|宛)名"
)
_NOT_OF_PEOPLE = re.compile("(商品|会社|企業|店舗|部署|キャンペーン|ファイル|案件|品)名")

_PEOPLE = re.compile(
    r"(^|_)(user|customer|client|person|people|contact|owner|author|member|buyer|seller|employee|staff|guest|patient"
    r"|student|recipient|sender|profile|billing|shipping|subscriber|passenger|driver|applicant|reporter|assignee)s?\d*($|_)"
)
"""What has a name of its own when it is somebody's."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}\Z")
_PHONE = re.compile(r"(\+?\d{1,3}[-\s(]+|0)\(?\d{1,4}\)?[-\s)]*\d{2,4}[-\s]*\d{3,4}\Z")
_POSTCODE = re.compile(r"〒?\s?\d{3}[-－‐]\d{4}\Z")
_PREFECTURE = "東京都|北海道|京都府|大阪府|[\u4e00-\u9fff]{2,3}県"
_ADDRESS = re.compile(rf"〒|({_PREFECTURE}).{{2,}}|.*[市区町村郡].*\d+[-－‐丁番号の]")
_KANA = re.compile(r"[ァ-ヶー]{2,6}[ \u3000][ァ-ヶー]{2,6}\Z|[ぁ-ゖー]{2,6}[ \u3000][ぁ-ゖー]{2,6}\Z")
_SURNAMES = (
    "佐々木|長谷川|五十嵐|久保田|佐藤|鈴木|高橋|田中|伊藤|渡辺|山本|中村|小林|加藤|吉田|山田|"
    "山口|松本|井上|木村|斎藤|斉藤|清水|山崎|池田|橋本|阿部|石川|山下|中島|石井|小川|前田|"
    "岡田|藤田|後藤|近藤|村上|遠藤|青木|坂本|福田|太田|西村|藤井|藤原|岡本|三浦|金子|中野|"
    "中川|原田|松田|竹内|小野|田村|中山|和田|石田|森田|上田|内田|柴田|酒井|宮崎|横山|高木|"
    "安藤|宮本|大野|小島|工藤|谷口|今井|高田|丸山|増田|杉山|村田|大塚|新井|小山|平野|藤本|"
    "河野|上野|野口|武田|松井|千葉|菅原|岩崎|木下|久保|佐野|野村|松尾|市川|菊地|菊池|杉本|"
    "古川|大西|島田|水野|桜井|高野|渡部|吉川|山内|西田|飯田|西川|小松|北村|安田|川口|平田|"
    "中田|林|森|原|関|東"
)
"""The most frequent ones: of a column of names, some of them are among the values."""
_GIVEN = "[\u4e00-\u9fff々]{1,3}|[ぁ-ゖー]{2,4}|[ァ-ヶー]{2,4}"
_NAME = re.compile(rf"({_SURNAMES})[ \u3000]?({_GIVEN})\Z")
SHARE = 0.5
"""Of the values of a column, how many must look personal: some texts hold an address by accident."""
FEWEST = 3


def looks_personal(column: str, values: Iterable[str] = ()) -> bool:
    """Whether a column's name, or half of its sampled values, suggests that it tells something about a person.

    >>> looks_personal("contact_email"), looks_personal("campaign_name"), looks_personal("amount_jpy")
    (True, False, False)
    >>> looks_personal("MobilePhone"), looks_personal("Email__c"), looks_personal("FileName")
    (True, True, False)
    >>> looks_personal("担当者氏名"), looks_personal("商品名")
    (True, False)
    >>> looks_personal("c7", ["佐藤 花子", "山田太郎", "鈴木一郎"]), looks_personal("c8", ["東京", "大阪", "福岡"])
    (True, False)
    """
    words = _words(column)
    if _NAMES.search(words) and not _OTHER_NAMES.search(words):
        return True
    if _JAPANESE_NAMES.search(column) and not _NOT_OF_PEOPLE.search(column):
        return True
    return kind_of_values(values) is not None


def holds_personal(column: str, type_: Type) -> bool:
    """Whether a field somewhere in a column suggests that it tells something about a person.

    >>> holds_personal("buyer", Type.parse("struct<id:bigint,contact:struct<email:string>>"))
    True
    >>> named = Type.parse("struct<name:string>")
    >>> holds_personal("user", named), holds_personal("plan", named)
    (True, False)
    """
    return any(_is_personal_field(*one) for one in _fields(column, type_))


def _is_personal_field(owner: str, field: str) -> bool:
    """A bare name is that of a thing, unless somebody has it."""
    if field.lower() == "name":
        return _PEOPLE.search(_words(owner)) is not None
    return looks_personal(field) and looks_personal(f"{owner}_{field}")


def _fields(owner: str, type_: Type) -> Iterator[tuple[str, str]]:
    """The fields at any depth, each behind the name of what it is in."""
    for part in type_.parts:
        yield from _fields(owner, part)
    for one in type_.fields:
        if one.name is not None:
            yield owner, one.name
            yield from _fields(one.name, one.type)


def kind_of_values(values: Iterable[str]) -> str | None:
    """What most of the values are, if it is something about people; of fewer than FEWEST values nothing is said.

    >>> kind_of_values(["a@example.com", "b@example.co.jp", "", "c@example.org"])
    'an e-mail address'
    """
    texts = [value.strip() for value in values if value and value.strip()]
    if len(set(texts)) < FEWEST:
        return None
    for kind, fits in _KINDS.items():
        if sum(map(fits, texts)) >= SHARE * len(texts):
            return kind
    return None


def _words(name: str) -> str:
    return _HUMPS.sub("_", name).lower()


def _is_address(value: str) -> bool:
    """PostgreSQL writes one with the bits of its network."""
    with suppress(ValueError):
        return ipaddress.ip_interface(value) is not None
    return False


def _matching(form: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda value: form.match(value) is not None


_KINDS: dict[str, Callable[[str], bool]] = {
    "an e-mail address": _matching(_EMAIL),
    "an IP address": _is_address,
    "a phone number": _matching(_PHONE),
    "a postcode": _matching(_POSTCODE),
    "an address": _matching(_ADDRESS),
    "a name": lambda value: bool(_NAME.match(value) or _KANA.match(value)),
}
