"""The words that names, headlines and searches of the sample company are made of."""

from __future__ import annotations

SECTIONS = ("politics", "economy", "world", "sports", "technology", "culture", "local")
PREFECTURES = ("東京都", "大阪府", "神奈川県", "愛知県", "埼玉県", "北海道", "福岡県", "京都府", "沖縄県", "宮城県")
FAMILY_NAMES = (
    "佐藤",
    "鈴木",
    "高橋",
    "田中",
    "伊藤",
    "渡辺",
    "山本",
    "中村",
    "小林",
    "加藤",
    "O'Brien",
    "Müller",
    "Nguyễn",
)
GIVEN_NAMES = ("陽菜", "蓮", "結衣", "湊", "さくら", "大翔", "葵", "悠真", "Emma", "Liam", "😀ゆき", "美咲", "健")
PLACES = ("東京", "大阪", "福岡", "札幌", "名古屋", "那覇", "仙台", "京都")
TITLES_JA = (
    "{place}で{topic}を巡る議論が続く",
    "【速報】{topic}、{place}で過去最高",
    "{topic}の専門家が語る「これからの{place}」",
    "なぜ今{topic}なのか🤔 {place}の現場から",
    "{place}発の{topic}が世界へ",
)
TITLES_EN = (
    'What {topic} means for "the rest of us"',
    "{topic}: five charts, one surprise 📈",
    "Inside {topic} \\ a reporter's notebook",
    "{topic} returns, and nobody is ready",
)
TOPICS_JA = (
    "人工知能",
    "円安",
    "桜",
    "選挙",
    "半導体",
    "物価高",
    "サッカー代表",
    "新幹線",
    "花粉症",
    "子育て支援",
    "ラーメン🍜",
)
TOPICS_EN = ("the yen", "AI", "remote work", "baseball ⚾", "inflation", "chip making", "the election", "sumo")
TAGS = ("速報", "解説", "独自", "インタビュー", "データ", "opinion", "live", "動画", "特集")
SEARCHES = (
    "円安 いつまで",
    "天気",
    "大谷 ⚾",
    "選挙 結果",
    "ramen near me",
    "AI",
    "新幹線 遅延",
    "桜 開花 2024",
    "地震",
    "株価",
    'レシピ "鶏肉"',
    "c++ 入門",
    "100% orange juice",
    "😀",
)
MODELS = (
    ("ios", "iPhone15,4"),
    ("ios", "iPhone14,5"),
    ("ios", "iPhone12,1"),
    ("android", "Pixel 8"),
    ("android", "SM-S921Q"),
    ("android", "SO-51C"),
    ("android", "AQUOS sense8"),
    ("android", "Pixel 6a"),
)
MODEL_SHARES = (22, 18, 9, 11, 10, 8, 8, 14)
INDUSTRIES = (
    "食品",
    "自動車",
    "金融",
    "ゲーム",
    "旅行",
    "通信",
    "化粧品",
    "不動産",
    "教育",
    "小売",
    "医療",
    "B2B SaaS",
)
COMPANIES = (
    "株式会社あおば食品",
    "みらい自動車",
    "さくら銀行",
    "Kaze Games",
    "たび日和",
    "ソラ通信",
    "花椿コスメ",
    "都市開発ホーム",
    "まなびの森",
    "Depato 百貨店",
    "けんこうクリニック",
    "Northwind 株式会社",
    "すずめ書房",
    "東西物流",
    "はやて電機",
)
CAMPAIGN_THEMES = (
    "新生活応援",
    "春の大感謝祭🌸",
    "GW早割",
    "ブランド認知",
    "Spring Sale 20% off",
    "アプリ登録",
    "新商品発売",
)
REPS = ("高橋 健一", "鈴木 美穂", "田中 翔", "山本 彩", "Chris Lee")
CHANNELS = (
    ("organic", "自然流入", "free"),
    ("search_ads", "検索広告", "paid"),
    ("video_ads", "動画広告", "paid"),
    ("influencer", "インフルエンサー", "paid"),
    ("referral", "友達紹介", "owned"),
    ("tv", "テレビCM", "paid"),
)
"""Channels that bring users: short name, title, kind."""
