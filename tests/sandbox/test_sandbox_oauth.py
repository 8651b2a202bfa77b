"""The pretend Clio signs apps in as Clio's pages tell, and refuses what Clio refuses."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from brought_forward.sandbox.clio import ClioSandbox, sample_firm

BACK = "http://127.0.0.1:8000/"


@pytest.fixture
def clio() -> Iterator[ClioSandbox]:
    with ClioSandbox(sample_firm(), limit=0) as clio:
        yield clio


def asked(clio: ClioSandbox, **more: str) -> dict[str, str]:
    return {"response_type": "code", "client_id": clio.oauth.app.client_id, "redirect_uri": BACK, "state": "s1"} | more


def decide(clio: ClioSandbox, decision: str = "allow", **more: str) -> requests.Response:
    return requests.post(
        f"{clio.site}/oauth/authorize", params=asked(clio, **more), data={"decision": decision},
        allow_redirects=False, timeout=5,
    )  # fmt: skip


def code_of(answer: requests.Response) -> str:
    return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]


def token(clio: ClioSandbox, **form: str) -> requests.Response:
    app = clio.oauth.app
    known = {"client_id": app.client_id, "client_secret": app.client_secret}
    return requests.post(f"{clio.site}/oauth/token", data=known | form, timeout=5)


def exchange(clio: ClioSandbox, code: str, **more: str) -> requests.Response:
    return token(clio, **{"grant_type": "authorization_code", "code": code, "redirect_uri": BACK} | more)


def signed_in(clio: ClioSandbox) -> dict[str, Any]:
    found: dict[str, Any] = exchange(clio, code_of(decide(clio))).json()
    return found


def status(clio: ClioSandbox, access: str) -> int:
    who = f"{clio.url}/users/who_am_i.json"
    return requests.get(who, headers={"Authorization": f"Bearer {access}"}, timeout=5).status_code


def error(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


def test_a_user_allows_an_app_and_its_code_becomes_tokens(clio: ClioSandbox) -> None:
    page = requests.get(f"{clio.site}/oauth/authorize", params=asked(clio), timeout=5)
    assert clio.firm.token_user.name in page.text
    answer = decide(clio)
    assert answer.headers["Location"].startswith(BACK + "?code=")
    assert answer.headers["Location"].endswith("&state=s1")
    tokens = exchange(clio, code_of(answer)).json()
    assert (tokens["token_type"], tokens["expires_in"]) == ("bearer", 2_592_000)
    assert status(clio, tokens["access_token"]) == 200
    assert status(clio, tokens["refresh_token"]) == 401


@pytest.mark.parametrize("wrong", [{"client_id": "of-another-region"}, {"redirect_uri": "http://127.0.0.1:8000"},
                                   {"response_type": "token"}])  # fmt: skip
def test_a_page_that_is_asked_for_wrongly_leads_nowhere(clio: ClioSandbox, wrong: dict[str, str]) -> None:
    for answer in (
        requests.get(f"{clio.site}/oauth/authorize", params=asked(clio, **wrong), timeout=5),
        decide(clio, **wrong),
    ):
        assert answer.status_code == 400
        assert "Location" not in answer.headers


def test_who_declines_is_led_back_only_where_the_app_asked_for_that(clio: ClioSandbox) -> None:
    assert "Location" not in decide(clio, "decline").headers
    answer = decide(clio, "decline", redirect_on_decline="true")
    assert answer.headers["Location"] == f"{BACK}?error=access_denied&state=s1"


def test_a_code_serves_once_for_ten_minutes_and_for_its_address_alone(clio: ClioSandbox) -> None:
    clio.oauth.app.redirects.add("http://127.0.0.1:9000/")
    code = code_of(decide(clio))
    assert exchange(clio, code).status_code == 200
    assert error(exchange(clio, code)) == (400, "invalid_grant")
    assert error(exchange(clio, code_of(decide(clio)), redirect_uri="http://127.0.0.1:9000/")) == (400, "invalid_grant")
    late = code_of(decide(clio))
    clio.oauth.expire_codes()
    assert error(exchange(clio, late)) == (400, "invalid_grant")


def test_a_wrong_secret_and_an_unknown_way_are_refused(clio: ClioSandbox) -> None:
    code = code_of(decide(clio))
    assert error(exchange(clio, code, client_secret="guess")) == (401, "invalid_client")
    assert error(token(clio, grant_type="client_credentials")) == (400, "unsupported_grant_type")
    assert exchange(clio, code).status_code == 200  # what was refused has not used the code up


def test_a_refresh_token_serves_again_and_again_and_comes_with_no_new_one(clio: ClioSandbox) -> None:
    first = signed_in(clio)
    for _ in range(2):
        answer = token(clio, grant_type="refresh_token", refresh_token=first["refresh_token"])
        assert "refresh_token" not in answer.json()
        assert status(clio, answer.json()["access_token"]) == 200
    assert status(clio, first["access_token"]) == 401


def test_a_rotated_refresh_token_makes_the_one_before_dead(clio: ClioSandbox) -> None:
    clio.oauth.rotates = True
    first = signed_in(clio)
    second = token(clio, grant_type="refresh_token", refresh_token=first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    again = token(clio, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert error(again) == (400, "invalid_grant")


def test_an_access_token_ends_with_its_time_and_its_refresh_token_does_not(clio: ClioSandbox) -> None:
    tokens = signed_in(clio)
    clio.oauth.expire_all()
    assert status(clio, tokens["access_token"]) == 401
    assert token(clio, grant_type="refresh_token", refresh_token=tokens["refresh_token"]).status_code == 200


@pytest.mark.parametrize("how", ["by the app", "by an administrator"])
def test_a_sign_in_that_is_taken_back_opens_nothing_and_is_not_refreshed(clio: ClioSandbox, how: str) -> None:
    tokens = signed_in(clio)
    if how == "by the app":
        gone = requests.post(
            f"{clio.site}/oauth/deauthorize", data={"token": tokens["access_token"]},
            headers={"Authorization": f"Bearer {tokens['access_token']}"}, timeout=5,
        )  # fmt: skip
        assert gone.status_code == 200
    else:
        clio.oauth.revoke_all()
    assert status(clio, tokens["access_token"]) == 401
    assert error(token(clio, grant_type="refresh_token", refresh_token=tokens["refresh_token"])) == (
        400, "invalid_grant",
    )  # fmt: skip


def test_a_sign_in_is_not_taken_back_without_its_own_token(clio: ClioSandbox) -> None:
    tokens = signed_in(clio)
    gone = requests.post(f"{clio.site}/oauth/deauthorize", data={"token": tokens["access_token"]}, timeout=5)
    assert error(gone) == (401, "invalid_token")
    assert status(clio, tokens["access_token"]) == 200
