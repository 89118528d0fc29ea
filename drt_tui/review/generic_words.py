"""Words that could stand in any thought about any translation: they say nothing of this one.

Three lists, one for each kind of script that thoughts are written in. Words that criticise (`flat`,
`lost`, `stiff`, 어색) are in none of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_LATIN = frozenset(
    """a an the this that these those it its he she they them his her their i me my mine we us our you your
    one ones myself itself there here who whom whose which what when where why how whether if as than then so
    and or but yet nor for of to in on at by from with into onto upon about over under up down out off through
    after before between within without while during until again once twice more most much many some any all
    both each every other another same such only just also too very quite really rather fairly still even
    now next first second third last finally lastly firstly secondly initially ultimately overall indeed
    thus therefore hence moreover furthermore additionally however although though because since
    is am are was were be been being do does did done doing has have had having will would shall should can
    could may might must let lets ll ve re m s t d not no yes okay ok hmm well right away together along
    go goes went going gone come comes came coming get gets got getting take takes took taken taking put puts
    putting make makes made making give gives gave given giving keep keeps kept keeping set sets setting
    want wants wanted need needs needed try tries tried trying use uses used using seem seems seemed look
    looks looked looking see sees saw seen seeing say says said tell tells told call calls called show shows
    find finds found finding know knows known think thinks thought thinking feel feels felt feeling believe
    believes believed hope hopes wonder remain remains stand stands stop stops leave leaves left turn turns
    way ways thing things everything anything nothing something part parts bit lot kind sort time times
    moment end start starts started starting begin begins began begun beginning continue proceed move moves
    moving follow follows followed following step steps stage stages process processes procedure task tasks
    goal aim job work works working answer answers result results outcome line lines piece pieces point points
    read reads reread reading write writes wrote written writing rewrite copy copies
    translate translates translated translating translation translations translator render renders rendered
    rendering renderings version versions draft drafts attempt attempts trial sentence sentences text texts
    passage word words wording phrase phrases phrasing expression expressions term terms keyword keywords
    language languages korean english chinese japanese source target original author reader's
    meaning meanings sense message intent intention nuance nuances essence spirit style tone mood flow context
    content emotion emotions feature aspect aspects element elements detail details idea ideas
    translators expert professional self reflection
    review reviews reviewed reviewing check checks checked checking examine examines examining consider
    considers considered considering consideration reflect reflects reflecting ponder weigh analyse analyze
    analyses analyzes analysis identify identifies identifying identification understand understands
    understanding compare compares comparing comparison assess evaluate evaluates evaluated evaluating
    evaluation evaluations evaluator evaluator's advisor advisor's adviser advice advise advises advised
    feedback suggestion suggestions suggest suggests suggested recommendation recommended comment comments
    remark remarks score scores scored threshold rating iteration iterations iterative extract extraction
    refine refines refined refining refinement refinements improve improves improved improving improvement
    improvements polish polishes polished polishing revise revises revised revising revision adjust adjusts
    adjusted adjusting adjustment adjustments fix finalise finalize finalised finalized decide decides decided
    decision decisions choose chooses chose chosen choosing choice choices select selects selected selecting
    settle settles settled conclude concludes concluded conclusion arrive arrives arrived reach reaches
    reached pass passes passed produce produces produced present presents presented provide provides provided
    offer offers proceed achieve achieves achieved complete completes completed completely finish finished
    ready sure ensure ensures ensuring maintain maintains maintaining preserve preserves preserving convey
    conveys conveyed conveying capture captures captured capturing express expresses expressed reflectively
    balance balances balanced honour honours honor honors incorporate incorporates incorporated apply applies
    applying accept accepts accepting deserve deserves attention care careful carefully thorough thoroughly
    closely close deeply deep slowly patiently hard great greatly good better best fine nice excellent perfect
    perfectly wonderful beautiful beautifully delightful effective effectively successful successfully success
    accurate accurately accuracy natural naturally naturalness fluent fluently fluency smooth smoothly clear
    clearly clarity faithful faithfully correct correctly proper properly appropriate appropriately suitable
    satisfied satisfying satisfaction satisfactory content happy pleased proud confident comfortable
    impressive elegant elegantly vivid important importance key main final initial literal literally refined
    whole entire full fully quality possible able different new current present previous further
    literary cultural linguistic reader readers audience native speaker speakers challenge challenges
    challenging complex interesting summary sum account based basis round rounds create creates created
    creating build builds building strike strikes flows flowing readable readability grammar grammatical
    grammatically spelling punctuation double art craft require requires required requiring patience skill
    breath deliver delivers delivered retain retains retaining reflected resonate resonates impact seamless
    seamlessly cohesive coherent coherence engaging evocative compelling memorable remarkable outstanding
    solid decent adequate adequately authentic concise enhance enhances enhanced enhancing overview approach
    approaches method strategy plan focus focuses focusing aim aims aiming begin proceeding
    ensures necessary essential crucial significant notable noteworthy evident obvious apparent honest
    respect respects regard regarding terms allow allows allowing help helps helping lead leads hand mind
    heart satisfy satisfies meet meets requirement requirements criteria standard standards assessment
    judgement judgment verdict confirm confirms confirmed verify verifies evaluate examining rework reworked
    final output alternative alternatives option options candidate candidates best-sounding submit summary sum closer look glance""".split()  # noqa: SIM905 - a list of words reads best as words
)
_HANGUL = re.compile(
    r"""(?:
      나는 | 없는지 | 있는지 | 되는지 | 바탕 | 주어진 | 토대 | 기반 | 최선 | 최고 | 목표 | 전달 | 담아 | 살린 | 살렸 | 흐름 | 완성도 | 수준 | 품질 | 느낀다 | 느껴진다 | 판단 | 나는 | 내가 | 저는 | 제가 | 우리는 | 이것 | 그것 | 이제 | 먼저 | 우선 | 다시 | 다음 | 그다음 | 마지막 | 최종 | 첫 | 두 | 세 | 번째 | 한번 | 한 | 번
    | 여기 | 이로써 | 이상 | 따라서 | 그래서 | 그리고 | 또한 | 전체 | 전반 | 매우 | 아주 | 정말 | 더 | 더욱 | 잘 | 좀 | 조금 | 모든 | 모두 | 가장 | 이 | 그 | 저 | 수 | 것 | 때 | 중 | 및
    | 번역 | 문장 | 원문 | 본문 | 텍스트 | 초안 | 시도 | 표현 | 단어 | 핵심어 | 키워드 | 결과 | 과정 | 단계 | 작업 | 점수 | 평가 | 조언 | 피드백 | 제안 | 지적 | 반영 | 수정 | 개선 | 보완 | 다듬
    | 검토 | 확인 | 점검 | 살펴 | 살피 | 읽 | 생각 | 고민 | 고려 | 분석 | 파악 | 비교 | 정리 | 선택 | 결정 | 정하 | 정한 | 시작 | 진행 | 마무리 | 마치 | 마친 | 마칩 | 끝 | 완성 | 완료 | 내놓 | 제시 | 얻 | 나아가 | 넘어가
    | 꼼꼼 | 천천히 | 찬찬히 | 신중 | 자세히 | 충분 | 만족 | 훌륭 | 완벽 | 자연스 | 매끄럽 | 매끄러 | 정확 | 적절 | 유창 | 좋 | 나은 | 낫 | 나아 | 크게 | 성공 | 괜찮 | 마음에 | 든다
    | 하 | 한다 | 했 | 합 | 해 | 하겠 | 하자 | 되 | 된다 | 되었 | 됐 | 됩 | 있 | 이다 | 입니다 | 본다 | 보자 | 보고 | 보았 | 봤 | 보겠 | 보면 | 싶 | 같 | 주었 | 준다 | 대로 | 대해 | 대한 | 통해 | 위해 | 정도 | 이번 | 번역가 | 평가자
    )[가-힣]{0,6} | [가-힣] | 점\w* | \d+\w*""",
    re.VERBOSE,
)
_UNSPACED = re.compile(
    r"""翻译 | 译文 | 译法 | 原文 | 句子 | 文本 | 意思 | 表达 | 词语? | 关键词 | 草稿 | 初稿 | 版本 | 结果 | 过程 | 步骤 | 任务 | 评分 | 评价 | 评估者? | 建议 | 反馈 | 分数 | 得分 | 修改 | 改进 | 润色 | 完善
    | 检查 | 审视 | 查看 | 看看? | 阅读 | 读 | 思考 | 考虑 | 分析 | 理解 | 确定 | 选择 | 决定 | 开始 | 进行 | 继续 | 完成 | 结束 | 最终 | 最后 | 首先 | 其次 | 然后 | 接下来 | 接着 | 现在 | 再次? | 一遍 | 一下 | 仔细 | 认真 | 整体 | 总体 | 总之
    | 感到 | 感觉 | 提供 | 基于 | 根据 | 调整 | 优化 | 任何 | 问题 | 没有 | 满意 | 很好 | 更好 | 最好 | 不错 | 优秀 | 完美 | 自然 | 流畅 | 准确 | 通顺 | 成功 | 传达 | 保留 | 非常 | 十分 | 如下 | 以下 | 这个?样? | 那 | 一个? | 第 | 我们? | 你 | 他 | 它 | 是 | 的 | 了 | 着 | 地 | 得 | 在 | 和 | 与 | 也 | 都 | 就 | 来 | 去 | 会 | 要 | 把 | 对 | 让 | 很 | 更 | 最 | 觉得 | 认为 | 可以 | 能
    | 翻訳 | 訳文 | 原文 | 文 | 確認 | 検討 | 読み? | 考え | 最終 | 自然 | 正確 | 完成 | 満足 | 良い | [ぁ-ん]""",
    re.VERBOSE,
)
_LATIN_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_EOJEOL = re.compile(r"[가-힣]+|\d+[가-힣]*")
_UNSPACED_RUN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]+")


def specific_words(text: str) -> Iterator[str]:
    """Yield the words of a sentence that are about this translation and no other."""
    for match in _LATIN_WORD.finditer(text):
        word = match.group().casefold().replace("’", "'")
        if word[0].isascii() and word.partition("'")[0] not in _LATIN:
            yield word
    for match in _EOJEOL.finditer(text):
        if _HANGUL.fullmatch(match.group()) is None:
            yield match.group()
    for match in _UNSPACED_RUN.finditer(text):
        yield from (rest for rest in _UNSPACED.split(match.group()) if rest)
