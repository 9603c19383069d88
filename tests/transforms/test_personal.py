"""Columns that look personal are proposed as such, by their names and by what they hold."""

from __future__ import annotations

import pytest

from transforms.lake_types import Type
from transforms.personal import holds_personal, kind_of_values, looks_personal


@pytest.mark.parametrize(
    "name",
    [
        *("email", "contact_email", "tel", "home_phone", "first_name", "name", "ip", "birth_date", "name_kana"),
        *("address2", "addressline1", "address_line_1", "postalcode", "zip_code", "middlename", "username", "loginid"),
        *("nationalidnumber", "profile_name", "phonenumber", "emailaddress", "user_name"),
        *("surname", "customer_surname", "nickname", "nick_name", "userNickname", "fname", "lname", "forename"),
        *("remote_addr", "remoteAddr", "remote_address", "IPAddress", "ip_address"),
        *(
            "会員名",
            "顧客名",
            "担当者名",
            "営業担当者名",
            "患者名",
            "利用者名",
            "お客様名",
            "IPアドレス",
            "接続元IPアドレス",
            "ipアドレス",
        ),
        *("jusho", "氏名", "ご住所", "電話番号", "メールアドレス", "フリガナ", "生年月日"),
    ],
)
def test_names_of_people_s_data(name: str) -> None:
    assert looks_personal(name)


@pytest.mark.parametrize(
    "name",
    [
        *("amount_jpy", "campaign_name", "file_name", "hostname", "article_id", "mileage"),
        *("address_id", "addressid", "category_name", "company_name", "status_name", "country_name", "last_login"),
        *(
            "product_nickname",
            "deviceNickname",
            "item_name",
            "hname",
            "surnames_count",
            "remote_id",
            "ship",
            "clipaddr",
        ),
        *(
            "会員ランク",
            "会員種別名",
            "顧客会社名",
            "顧客区分",
            "担当部署名",
            "患者数",
            "商品名カナ",
            "取引先企業名",
            "アドレス帳",
        ),
        *("商品名", "会社名", "金額", "数量", "キャンペーン名"),
    ],
)
def test_names_of_other_data(name: str) -> None:
    assert not looks_personal(name)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["hanako@example.com", "taro.y+x@mail.example.co.jp", "x@y.org"], "an e-mail address"),
        (["203.0.113.7", "2001:db8::1", "10.0.0.1"], "an IP address"),
        (["090-1234-5678", "03-1234-5678", "+81 90-1234-5678", "0312345678"], "a phone number"),
        (["150-0001", "〒530-0001", "060-0000"], "a postcode"),
        (["東京都渋谷区神宮前1-2-3", "大阪府大阪市北区梅田2丁目", "神奈川県横浜市西区1-1"], "an address"),
        (["佐藤 花子", "山田太郎", "鈴木　一郎", "five of them"], "a name"),
        (["サトウ ハナコ", "ヤマダ タロウ", "すずき いちろう"], "a name"),
    ],
)
def test_what_values_are(values: list[str], kind: str) -> None:
    assert kind_of_values(values) == kind
    assert looks_personal("c1", values)


@pytest.mark.parametrize(
    "values",
    [
        ["東京", "大阪", "福岡"],
        ["寿司の日", "森の中で", "林業の今", "新しい店"],
        ["2024-05-01", "2024-05-02", "2024-05-03"],
        ["1234567", "8901234", "5678901"],
        ["1.2.3", "10.15.7", "2.0.0"],
        ["iPhone 15", "Pixel 8", "Galaxy S24"],
        ["a@example.com", "", "a@example.com"],
        ["click", "impression", "refund", "a@example.com"],
        [],
    ],
)
def test_values_of_other_data(values: list[str]) -> None:
    assert kind_of_values(values) is None


@pytest.mark.parametrize(
    ("column", "type_"),
    [
        ("user", "struct<email:string,name:string>"),
        ("user", "struct<id:bigint,name:string>"),
        ("data", "struct<id:bigint,contact:struct<phoneNumber:string>>"),
        ("orders", "array<struct<id:bigint,buyer:struct<name:string>>>"),
        ("by_shop", "map<string,struct<surname:string>>"),
        ("payload", "struct<customer:struct<id:bigint,name:string>>"),
        ("billing", "struct<name:string>"),
        ("req", "struct<remote_addr:string>"),
    ],
)
def test_a_column_with_a_personal_field_is_personal(column: str, type_: str) -> None:
    assert holds_personal(column, Type.parse(type_))


@pytest.mark.parametrize(
    ("column", "type_"),
    [
        ("product", "struct<id:bigint,name:string>"),
        ("items", "array<struct<name:string,price:double,category:struct<name:string>>>"),
        ("user", "struct<id:bigint,plan:struct<name:string>>"),
        ("product", "struct<nickname:string>"),
        ("event", "struct<file_name:string,campaign:struct<company_name:string>>"),
        ("totals", "map<string,double>"),
        ("user", "bigint"),
    ],
)
def test_a_column_with_other_fields_is_not(column: str, type_: str) -> None:
    assert not holds_personal(column, Type.parse(type_))
