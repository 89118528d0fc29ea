"""How somebody else is heard in a thought: the words, and when they are the sentence's own.

The machinery around a translation leaks as persons (advisor, evaluator, student) and as what they say
(feedback, scores). Where the source is about such a person, the words are content.
"""

from __future__ import annotations

import re

from data.lint.phrases import any_of

_PERSON = any_of(
    "student, advis[oe]r, evaluator, reviewer, critic, instructor, teacher, tutor, mentor, editor, assistant,"
    "user, annotator, reformulator"
)
_SAYS = any_of(
    "suggest, say, said, note, point, recommend, comment, propose, advise, mention, think, thought, ask,"
    "explain, highlight, indicate, critici[sz]e, translate, revise, refine, rate, score, gave, give, chose,"
    "choose, decide, argue, observe, warn, praise, urge, identif, want, object"
)
_SPEECH = any_of(
    "feedback, advice, critique, suggestions?, evaluation, assessment, comments?, scores?, translation, draft,"
    "version, attempt, work, words, remarks?"
)
_ADVICE = any_of("advice, evaluation, critique, suggestions?, comments")
_BEFORE_FEEDBACK = any_of(
    "the, this, that, these, their, his, her, any, some, more, further, initial, received, receiving, given,"
    "giving, based on, following, after, with, from, per, upon, on, considering, incorporat\\w+, address\\w+,"
    "tak\\w+, reflecting on, get, got, seek\\w*, previous, earlier, second, first, new, constructive, detailed,"
    "positive, additional"
)
_AFTER_FEEDBACK = any_of(
    "i received, i have received, i got, i was, suggest, say, said, point, indicat, note, highlight, from, on my,"
    "received, provided, given, recommend, mention, was, is, that, emphasi, praise, confirm, encourag, ask,"
    "tells, told"
)
_CHANGE = any_of(
    "consider, revise, revising, refine, refining, rephrase, rephrasing, rewrite, improve, improving"
)
_ENGLISH = (
    rf"\b(?:the|my|an?|this|our)\s+{_PERSON}"
    rf"(?:['’]s?\s+(?:\w+\s+)?{_SPEECH}|\s+(?:\w+ly\s+)?{_SAYS}(?:s|d|ed|es|ies|ied)?)\b",
    r"\b(?:the|my|an|our)\s+(?:advis[oe]r|evaluator|reformulator|student\s+translator)\b",
    rf"\b{_BEFORE_FEEDBACK}\s+feedback\b",
    rf"\bfeedback\s+{_AFTER_FEEDBACK}",
    rf"\b(?:the|this|my)\s+(?:evaluation|critique|advice|review)\s+{_SAYS}(?:s|d|ed|es)?\b",
    r"\b(?:following|based\s+on|incorporat\w+|in\s+response\s+to|considering|taking|after|with)\s+"
    rf"(?:the|this|that|these|those)\s+{_ADVICE}\b",
    rf"\b{_ADVICE}\s+(?:that\s+)?i\s+(?:have\s+)?(?:received|got|was\s+given)\b",
    rf"\breceiv(?:ed|ing)\s+(?:some\s+|the\s+|further\s+)?{_ADVICE}\b",
    r"\bi\s+(?:am|was|have\s+been)\s+(?:advised|told|asked)\s+(?:to|that)\b",
    r"\bscore[sd]?\s+(?:of\s+|is\s+|was\s+|it\s+|at\s+)?\d{2,3}\b|\b\d{2,3}\s*(?:/|out\s+of)\s*100\b",
    r"\byour\s+(?:\w+\s+)?(?:translation|draft|version|attempt|rendering|output)\b",
    rf"\byou\s+(?:should|could|might|may|need\s+to|must)\s+(?:also\s+)?{_CHANGE}\b",
    r"\bas\s+an?\s+(?:ai|language\s+model|large\s+language\s+model)\b",
)
_KOREAN = (
    r"(?:학생|평가자|조언자|검토자|사용자)(?:의|가|는|이|은|로부터)\s*"
    r"(?:번역|피드백|조언|평가|제안|의견|지적|초안)",
    r"피드백(?:을|에|이|은|에서|대로)?\s*(?:받|따르|따라|반영|바탕|제시|주)",
    r"(?:평가자|조언자|검토자)(?:께서|에게|로부터|[은는이가의])",
    r"(?:조언|제안|지적|의견)(?:에|을)\s*(?:따라|따르|받아들|반영|바탕)",
    r"선생님?(?:께서|이|은|의)\s(?:\S+\s){0,2}(?:지적|조언|제안|하라고|말씀)",
    r"점수[는가]?\s*\d{1,3}",
)
_CHINESE = (
    r"(?:学生|评估者|评价者|顾问|审阅者|评审|用户)(?:的)?(?:翻译|译文|反馈|建议|评价|意见|指出|认为|提出)",
    r"(?:根据|收到|结合|按照|考虑到?)[^，。]{0,8}反馈|反馈(?:指出|建议|认为|意见)",
    r"(?:评估者|评价者|审阅者)(?:的|给|打|说|觉得)",
    r"(?:根据|按照|采纳|听取)[^，。]{0,6}(?:建议|意见)",
    r"(?:评分|得分|分数)(?:为|是|只有)\s*\d{1,3}",
)
_JAPANESE = (
    r"(?:学生|評価者|助言者|レビュアー)(?:の|は|が)(?:翻訳|訳文|フィードバック|助言|評価|提案)",
    r"フィードバックを(?:受け|もと|踏まえ)",
    r"(?:評価者|助言者|レビュアー|アドバイザー)[のはがに]",
    r"(?:助言|指摘|提案)(?:に従|を受け|どおり|通り|を踏まえ)",
    r"(?:スコア|点数)は\s*\d{1,3}",
)

SOMEBODY = re.compile(rf"\b(?=\w)(?:{'|'.join(_ENGLISH)})")
"""Somebody's words, in lower case."""

SOMEBODY_EAST_ASIAN = re.compile("|".join((*_KOREAN, *_CHINESE, *_JAPANESE)))
"""The same in Korean, Chinese and Japanese."""

MARKERS = {
    "feedback": "피드백 반응 反馈 回馈 フィードバック",
    " student": "학생 제자 学生 學生 生徒 弟子",
    "advisor": "조언 고문 자문 보좌 顾问 顧問 助言",
    "adviser": "조언 고문 자문 보좌 顾问 顧問 助言",
    "advised": "조언 고문 자문 보좌 顾问 顧問 助言",
    " evaluator": "평가 评估 評価",
    " reviewer": "심사 검토 평론 审稿 评审 審査",
    " critic": "평론 비평 비판 评论 批评 評論 批判",
    " instructor": "강사 교관 사범 教练 教官 講師",
    " teacher": "선생 교사 스승 교수 老师 教师 先生 教師",
    " tutor": "과외 가정교사 家教 家庭教师",
    " mentor": "멘토 스승 导师 師匠",
    " editor": "편집 编辑 編集",
    " assistant": "조수 비서 조교 보조 助手 助理",
    " user": "사용자 이용자 用户 ユーザー",
    " annotator": "주석",
    " reformulator": "",
    " evaluation": "평가 评估 評価",
    " critique": "비평 비판 批评 批評",
    " suggestion": "제안 건의 建议 提案",
    " suggestions": "제안 건의 建议 提案",
    " comments": "댓글 논평 评论 コメント",
    " advice": "조언 충고 建议 忠告 助言",
    " review": "검토 심사 평 评审 審査",
    " score": "점수 득점 스코어 分数 比分 得点",
    " scored": "점수 득점 스코어 分数 比分 得点",
    "/100": "",
    "out of 100": "",
    "i am told": "",
    "i was told": "",
    "i was asked": "",
    "your ": "",
    "you should": "",
    "you could": "",
    "you might": "",
    "you may": "",
    "you need": "",
    "you must": "",
    "language model": "언어 모델 语言模型 言語モデル",
    "as an ai": "인공지능 人工智能 人工知能",
}
"""Words without which nobody is heard, each with the words of a source that is about such a person."""

EAST_ASIAN_MARKERS = {
    "학생": "student pupil",
    "평가자": "",
    "조언자": "advis",
    "검토자": "",
    "사용자": "user",
    "피드백": "feedback",
    "学生": "student pupil",
    "评估者": "",
    "评价者": "",
    "顾问": "advis consultant",
    "审阅者": "",
    "评审": "review jury",
    "用户": "user",
    "反馈": "feedback",
    "評価者": "",
    "助言者": "advis",
    "レビュアー": "",
    "フィードバック": "feedback",
    "조언": "advi counsel",
    "제안": "suggest propos offer",
    "지적": "point criti",
    "의견": "opinion view",
    "선생": "teacher master mr ms mrs",
    "점수": "score point mark grade",
    "建议": "advi suggest propos recommend",
    "意见": "opinion advi view",
    "评分": "score rating mark grade",
    "得分": "score point",
    "分数": "score mark grade",
    "アドバイザー": "advis",
    "助言": "advi",
    "指摘": "point",
    "提案": "suggest propos",
    "スコア": "score",
    "点数": "score mark grade point",
}
"""The same for thoughts in Korean, Chinese and Japanese."""
