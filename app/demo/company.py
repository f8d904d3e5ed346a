"""クラウド勤怠「かなで」の会社: eight customers, a dozen chats, three agents, and those who answer for the customers.

All names are invented.
"""

from __future__ import annotations

from dataclasses import dataclass

APP_ID, SERVICE_ADMIN, TEAM_ID, CHANNEL = "kanade01", "7000", "T0KANADE", "C0SUPPORT"
ESCALATIONS = "C0ESCALATE"
#: Where each chat is a thread, and the seeded channels by their names.
ENQUIRIES = "C0CHATS"
#: Rooms in Chatwork, by number.
ROOMS = {93_207_172: "お客様の声"}
CHANNELS = {CHANNEL: "サポート", ENQUIRIES: "チャット", ESCALATIONS: "エスカレーション"}
EMAIL = "yamabiko@kanade.example"
AGENTS = {"7001": "田中 みなみ", "7002": "佐藤 健", "7003": "鈴木 葵"}
#: The lead answers few chats, but has a seat in Intercom: she, too, can let a message go out in her name.
LEAD_ADMIN = "7004"


@dataclass(frozen=True)
class Member:
    """Somebody in Slack: an agent, or one who answers for customers."""

    id: str
    name: str
    email: str
    title: str
    locale: str = "ja-JP"


LEAD = Member("U0LEAD", "斎藤 真理", "lead@kanade.example", "サポートリーダー")
MEMBERS = (
    Member("U0TANAKA", "田中 みなみ", "agent7001@kanade.example", "サポート"),
    Member("U0SATO", "佐藤 健", "agent7002@kanade.example", "サポート"),
    Member("U0SUZUKI", "鈴木 葵", "agent7003@kanade.example", "サポート"),
    Member("U0MORI", "森 拓也", "mori@kanade.example", "営業・顧客担当"),
    Member("U0OKADA", "岡田 彩", "okada@kanade.example", "営業・代理"),
    Member("U0HAYASHI", "林 修一", "hayashi@kanade.example", "営業部長"),
    Member("U0EMMA", "Emma Clark", "emma@kanade.example", "Account manager", "en-US"),
    LEAD,
)
#: Who answers for a customer, as Intercom's attributes of the company say: owner, deputy, manager.
OWNERS = {
    "101": ("mori@kanade.example", "okada@kanade.example", "hayashi@kanade.example"),
    "103": ("okada@kanade.example", "mori@kanade.example", "hayashi@kanade.example"),
    "105": ("emma@kanade.example", "mori@kanade.example", "hayashi@kanade.example"),
    "108": ("mori@kanade.example", "emma@kanade.example", "hayashi@kanade.example"),
}


@dataclass(frozen=True)
class Customer:
    """A company, and the person there who writes to us."""

    id: str
    company: str
    tier: str
    mrr: float
    person: str
    email: str


CUSTOMERS = (
    Customer("101", "株式会社あおば製作所", "Enterprise", 480_000, "山本 恵子", "yamamoto@aoba-seisaku.example"),
    Customer("102", "みどり歯科クリニック", "Small", 9_800, "小林 直樹", "kobayashi@midori-dental.example"),
    Customer("103", "(株)ひかり運輸", "Business", 126_000, "中村 翔太", "nakamura@hikari-unyu.example"),
    Customer("104", "さくら学習塾", "Small", 14_800, "渡辺 由美", "watanabe@sakura-juku.example"),
    Customer("105", "北斗システムズ株式会社", "Enterprise", 352_000, "伊藤 大輔", "ito@hokuto-sys.example"),
    Customer("106", "カフェ・ルリ", "Small", 6_800, "加藤 さくら", "kato@cafe-ruri.example"),
    Customer("107", "社会福祉法人ひだまり", "Business", 88_000, "吉田 誠", "yoshida@hidamari.example"),
    Customer("108", "東海ロジスティクス株式会社", "Enterprise", 610_000, "松本 あかり", "matsumoto@tokai-logi.example"),
)


@dataclass(frozen=True)
class Chat:
    """A conversation: who opens it, with what, what they add, who answers, its state, and its age in hours."""

    customer: str
    opening: str
    more: str = ""
    answer: str = ""
    agent: str = "7001"
    state: str = "closed"
    hours: float = 24


CHATS = (
    Chat(
        "101",
        "勤怠データをCSVで出力するときに、部署コードの列も付けられないでしょうか。毎月手で足しています。",
        "給与ソフトへの取り込みに部署コードが必須なんです。",
        "ご不便をおかけしております。背景までありがとうございます。",
        hours=214,
    ),
    Chat(
        "103",
        "ドライバーがスマホから打刻するのですが、電波の悪い場所だと失敗します。あとから送れるようになりませんか?",
        answer="ご要望としてお預かりさせてください。",
        agent="7002",
        hours=171,
    ),
    Chat(
        "105",
        "CSV出力に部署コードを含めてほしいです。拠点が40あるので目視では追えません。",
        answer="詳しくありがとうございます。開発の検討会に共有いたします。",
        agent="7003",
        hours=149,
    ),
    Chat(
        "108",
        "承認待ちの一覧を、部署ごとに絞り込めるようにしてほしいです。",
        "200件を毎朝スクロールしています。",
        "ご要望としてお預かりさせてください。",
        hours=122,
    ),
    Chat(
        "102",
        "「確定」ボタンがどこにあるのか、スタッフの誰も見つけられませんでした。",
        answer="画面右上の「…」の中にございます。分かりにくく申し訳ございません。",
        agent="7002",
        hours=76,
    ),
    Chat(
        "104",
        "講師の残業時間が、日をまたぐと0時間になります。",
        answer="確認いたします。",
        agent="7003",
        state="open",
        hours=30,
    ),
    Chat(
        "107",
        "有給の残日数を、本人にも見えるようにできますか。問い合わせが毎週あります。",
        answer="ご要望としてお預かりさせてください。",
        agent="7001",
        state="snoozed",
        hours=52,
    ),
    Chat(
        "106",
        "シフト表を印刷すると、右端が切れてしまいます。",
        answer="A4横でお試しいただけますでしょうか。",
        agent="7002",
        hours=26,
    ),
    Chat(
        "101",
        "36協定の残業時間が近づいたら、管理者に通知がほしいです。",
        answer="ご要望としてお預かりさせてください。",
        agent="7003",
        hours=20,
    ),
    Chat(
        "103",
        "打刻の修正申請に、理由の定型文を登録できますか?",
        answer="現在は手入力のみでございます。",
        agent="7002",
        hours=7,
    ),
    Chat(
        "105",
        "APIで勤怠データを取得できますか?",
        answer="はい、設定画面からトークンを発行いただけます。",
        agent="7003",
        hours=3,
    ),
    Chat("108", "請求書の宛名を変更したいです。", answer="承知いたしました。", agent="7001"),
)

#: What a customer asks who begins a chat in the demo, unless somebody types something else.
SAMPLE = "請求書の宛名を新しい会社名に変更したいのですが、どこで設定できますか。"
#: Who can be asked what.
SKILLS = {"請求": ("U0SATO", "U0LEAD"), "連携": ("U0SUZUKI", "U0LEAD")}

#: What a wish may be linked to: the name, the status, and the key of the issue that makes exactly this.
FEATURES = (
    ("CSV出力の列を選べる", "検討中", "KNDE-12"),
    ("オフライン打刻", "検討中", "KNDE-15"),
    ("承認待ちの絞り込み", "新規", "KNDE-18"),
    ("勤務表のExcel出力", "検討中", "KNDE-19"),
    ("CSVのUTF-8出力", "新規", "KNDE-20"),
    ("有給残日数の本人表示", "新規", "KNDE-21"),
)
ISSUES = (
    ("KNDE-12", "CSV出力に部署コードの列を追加する", "進行中"),
    ("KNDE-15", "電波がないときの打刻を端末に貯めて後で送る", "未対応"),
    ("KNDE-18", "承認待ち一覧の部署フィルター", "未対応"),
    ("KNDE-19", "勤務表をExcelファイルで出力する", "未対応"),
    ("KNDE-20", "CSVの文字コードにUTF-8を追加する", "未対応"),
    ("KNDE-21", "有給残日数を従業員画面に表示する", "未対応"),
)
TAGS = ("要望", "不具合", "文言", "質問", "請求")
