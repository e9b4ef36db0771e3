"""What an operator is told of how the house is."""

from __future__ import annotations

from datetime import UTC, datetime

from flows import morning as morning_module
from flows.cli import main
from flows.morning_mail import morning_mail
from flows.settings import read_settings
from flows.store import Store
from tests.flows.test_morning import broken, data, last_night, pages, told

__all__ = ["broken", "data", "last_night", "told"]  # fixtures


def test_status_and_the_morning_mail_tell_the_last_good_sheet_from_the_page_that_lies_in_its_place(
    broken, monkeypatch, capsys
):
    (good,) = (broken / "data" / "published").glob("utsattningsblad_*_sv.html")
    (picture,) = (broken / "data" / "published").glob("picture_*.json")
    picture.rename(picture.with_name(good.name.replace("utsattningsblad_", "picture_").replace("_sv.html", ".json")))
    words = ["--settings", str(broken / "lindvik"), "--data", str(broken / "data")]

    def asked() -> tuple[int, str]:
        capsys.readouterr()
        return main(["status", *words]), capsys.readouterr().out

    assert f"last good sheet: {good}\n" in asked()[1] and "nödblad" not in asked()[1]
    with monkeypatch.context() as patched:
        patched.setattr(morning_module, "make_picture", lambda *_, **__: 1 / 0)
        assert main(["morning", *words]) == 4
    (page,) = pages(broken)
    code, said = asked()
    assert code == 3 and f"last good sheet: {good}\n" in said
    assert f"in its place lies a nödblad, since no picture could be made: {page}\n" in said
    settings = read_settings(broken / "lindvik")
    mail = morning_mail(Store.at(broken / "data"), settings, datetime.now(UTC), "now")
    assert "I dess ställe ligger ett nödblad, eftersom ingen lägesbild kunde göras." in mail.lines
    assert main(["picture", *words]) == 0
    assert "nödblad" not in asked()[1]
