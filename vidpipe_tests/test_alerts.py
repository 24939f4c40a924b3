"""Alerts: posted to a local address, off by default, and never in anybody's way."""

import logging
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from vidpipe.alerts import MOST_DETAILS, send_alert
from vidpipe.errors import SettingsError
from vidpipe.settings import Settings, load_settings
from vidpipe_tests.alert_receiver import AlertReceiver, alert_receiver


@pytest.fixture
def receiver() -> Iterator[AlertReceiver]:
    with alert_receiver() as listening:
        yield listening


def told_to(url: str) -> Settings:
    return load_settings(alert_url=SecretStr(url))


def test_an_alert_arrives_as_one_document(receiver: AlertReceiver) -> None:
    details = [{"query": "tanks", "video_id": 'x:<b>"'}]
    assert send_alert(told_to(receiver.url), "watch_hits", "1 new post", details)
    assert receiver.alerts == [
        {"kind": "watch_hits", "title": "1 new post", "details": details, "left_out": 0}
    ]


def test_a_flood_is_counted_and_not_sent(receiver: AlertReceiver) -> None:
    send_alert(
        told_to(receiver.url),
        "watch_hits",
        "many",
        [{"number": number} for number in range(MOST_DETAILS + 5)],
    )
    [alert] = receiver.alerts
    assert (len(alert["details"]), alert["left_out"]) == (MOST_DETAILS, 5)


def test_without_an_address_nothing_is_sent(receiver: AlertReceiver) -> None:
    assert not send_alert(load_settings(), "failed_run", "a run failed", [])
    assert receiver.alerts == []


def test_an_address_that_refuses_or_is_gone_is_logged_and_stops_nothing(
    receiver: AlertReceiver, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.answer = 500
    with caplog.at_level(logging.WARNING):
        assert not send_alert(told_to(receiver.url), "failed_run", "first", [])
        assert not send_alert(told_to("http://127.0.0.1:9/"), "failed_run", "second", [])
    told = [record.args[0] for record in caplog.records if isinstance(record.args, tuple)]
    assert told == ["first", "second"]


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://somewhere", "alerts"])
def test_only_web_addresses_are_taken(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDPIPE_ALERT_URL", url)
    with pytest.raises(SettingsError, match="VIDPIPE_ALERT_URL"):
        load_settings()
