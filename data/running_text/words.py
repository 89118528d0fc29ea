"""Words that tell whether a mark ends a sentence."""

from __future__ import annotations

import re


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


TITLES = _set("""
    mr mrs ms mx dr prof st ste rev hon capt col gen lt sgt maj cmdr cpl pvt gov sen rep pres supt messrs mme mlle
    fr bro mt ft univ dept
    """)
"""Abbreviations with a capital that a name always follows."""
REFERENCES = _set("no nos vol vols p pp fig figs ch chs sec secs art arts par op nr")
"""Abbreviations if a number follows, else words."""
NEVER_LAST = _set("e.g i.e cf viz vs approx ca")
MAY_BE_LAST = _set("etc al ibid oz lb lbs hr hrs")
"""Abbreviations after which a capital means a new sentence."""
RARELY_LAST = _set("""
    a.m p.m jr sr co inc ltd corp bros esq ave blvd rd sq jan feb mar apr jun jul aug sept sep oct nov dec
    mon tue tues wed thu thurs fri sat sun
    """)
"""Abbreviations with a capital; only a word that mostly begins sentences tells that they end one."""
STARTERS = _set("""
    a an the this that these those he it she we they you i his her its our their my your one no not nobody nothing
    neither none some someone somebody something every everyone everybody each all both half many most few several
    and but or nor so yet then there here now when while where who what why how if as at in on by for from of to
    with without after before once perhaps maybe still even only soon never always again later meanwhile
    """)
"""Words that, written with a capital, most probably begin a sentence."""

_SAYING = (
    "said|says|asked|cried|replied|answered|exclaimed|whispered|shouted|called|added|began|continued|returned|"
    "murmured|muttered|repeated|remarked|observed|inquired|demanded|thought|screamed|yelled|sighed|groaned|"
    "laughed|went on|put in|broke in"
)
ENGLISH_SPEAKER = re.compile(rf"(?:[A-Z][\w’'-]*\.?\s+){{1,3}}(?:{_SAYING})\b")
"""Who said what was just quoted, where that begins with a capital: a name, or `I`."""
KOREAN_SPEAKER = re.compile(
    r"(?:하고|하며|하는|하면서|라고|라며|라는|이라고|고)(?=[\s,]|\Z)"
    r"|(?:[가-힣]+\s+){1,6}?(?:말했|말한|말하|물었|되물었|대답했|소리쳤|외쳤|생각했|고함쳤|속삭였|중얼거렸|한숨)"
)
"""What ties a quotation to the words behind it: a particle such as `하고`, or who said it how."""
CHINESE_SPEAKER = re.compile(
    r"[^，。！？；：“”「」\s没不无沒無]{0,8}?(?:说|道|问|喊|叫|答|叹|說|問|嘆|想|嘟囔|低语)(?=[，。：！、；着著了\s]|\Z)"
)
"""Who said what was just quoted."""
KOREAN_END = re.compile(r"(?:[다요죠]|습니까|[겠었았]지)\Z")
"""What a Korean sentence ends in, and other words hardly do: it tells an end from a pause."""
CHINESE_END = re.compile(r"[了吗呢嗎]\Z")
"""The same for Chinese."""
