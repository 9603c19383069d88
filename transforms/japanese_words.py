"""English for the words of which Japanese names of columns and sheets are made: 受注予定日 is order_planned_date.

A name with a word that is not here has none: half a name would say something else.
"""

from __future__ import annotations

import re
import unicodedata

_WORDS = {
    word: english
    for english, words in {
        "account": "口座",
        "ad": "広告",
        "address": "住所",
        "age": "年齢",
        "amount": "金額 額",
        "at": "日時",
        "birthday": "生年月日 誕生日",
        "budget": "予算",
        "campaign": "キャンペーン",
        "cancel": "取消 キャンセル 解約",
        "category": "区分 カテゴリ カテゴリー 分類",
        "change": "変更",
        "client": "取引先 得意先 クライアント",
        "code": "コード",
        "company": "会社 会社名 企業 企業名 法人",
        "content": "内容",
        "contract": "契約",
        "cost": "費用 経費 コスト",
        "count": "件数 回数",
        "country": "国",
        "created": "作成 登録",
        "customer": "顧客 お客様 客",
        "date": "日付 日 年月日",
        "deal": "案件 商談",
        "delivery": "納品 配送",
        "department": "部署 部門 部",
        "due": "期限 締切",
        "email": "メール メールアドレス",
        "employee": "社員 従業員",
        "end": "終了",
        "exported": "出力",
        "gender": "性別",
        "invoice": "請求",
        "item": "項目 品目",
        "jpy": "円",
        "kana": "フリガナ ふりがな カナ かな",
        "kind": "種別 種類",
        "list": "一覧 リスト",
        "medium": "媒体",
        "month": "月 年月",
        "name": "氏名 お名前 名前 名称 姓名 名",
        "note": "備考 メモ 注記 コメント",
        "number": "番号",
        "order": "受注 注文",
        "payment": "支払 支払い 入金",
        "people": "人数",
        "person": "担当者 担当",
        "phone": "電話 電話番号 携帯",
        "plan": "計画 プラン",
        "planned": "予定",
        "postcode": "郵便番号",
        "prefecture": "都道府県",
        "price": "価格",
        "probability": "確度 確率",
        "product": "商品 製品 商品名 製品名 品名",
        "profit": "利益",
        "purchase": "発注 仕入 購入",
        "quantity": "数量 個数",
        "quarter": "四半期",
        "rate": "率 割合",
        "region": "地域",
        "result": "実績 結果",
        "sales": "売上 売上高 販売",
        "stage": "段階 フェーズ",
        "start": "開始",
        "status": "状態 ステータス 状況",
        "stock": "在庫",
        "store": "店舗 店",
        "subject": "件名",
        "subtotal": "小計",
        "target": "目標",
        "tax": "税 消費税 税額",
        "time": "時刻 時間",
        "total": "合計 総額",
        "unit_price": "単価",
        "updated": "更新",
        "usage": "利用 使用",
        "user": "ユーザー ユーザ 会員",
        "weekday": "曜日",
        "with_tax": "税込",
        "without_tax": "税抜",
        "year": "年 年度",
    }.items()
    for word in words.split()
}
_PIECE = re.compile("|".join([r"[a-z0-9]+", *map(re.escape, sorted(_WORDS, key=len, reverse=True)), r"[^\w]|_", "."]))
_SILENT = frozenset(("の", "・", "ー"))


def in_english(name: str) -> str | None:
    """The name in lower case words with underscores; None when a word of it is not known.

    >>> in_english("受注予定日"), in_english("金額（円）"), in_english("取引先ＩＤ"), in_english("謎の数")
    ('order_planned_date', 'amount_jpy', 'client_id', None)
    """
    words: list[str] = []
    for piece in _PIECE.findall(unicodedata.normalize("NFKC", name).lower()):
        if word := _WORDS.get(piece) or (piece if piece.isascii() and piece.isalnum() else None):
            words.append(word)
        elif piece.isalnum() and piece not in _SILENT:
            return None
    return "_".join(words) or None
