"""Settings of the review screen that cannot be used are told before the terminal is taken, or at once."""

from __future__ import annotations

import pytest

from drt_tui.app import DrtApp
from drt_tui.errors import SettingsProblem
from tests.stubs.session import session


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"review": {"keys": {"accept": "x"}}}, "would run both 'accept' and 'reject'"),
        ({"review": {"glossary": "no-such-file.tsv"}}, "glossary .* cannot be read"),
        ({"ui": {"theme": "purple"}}, "there is no theme 'purple'"),
    ],
)
def test_what_cannot_be_used_is_refused_before_the_app_runs(dataset, settings, told):
    with pytest.raises(SettingsProblem, match=told):
        DrtApp(session(dataset, **settings))


async def test_a_check_that_does_not_exist_is_told(reviewing):
    async with reviewing(
        size=(120, 30), review={"strict": ["unfaithfull", "glossary", "output-missing"]}
    ) as bench:
        await bench.until(lambda: "There is no check 'unfaithfull'." in bench.text)
        assert "no check 'glossary'" not in bench.text
