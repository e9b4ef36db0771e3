"""Standard Webhooks: the specification's own example, and every way a push can be not signed."""

from __future__ import annotations

import base64

import pytest

from flows.signatures import TOLERANCE_S, NotSigned, refuse_unsigned, signature

#: The example of the specification and its libraries.
KEY = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
IDENTITY, AT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
HEADERS = {"webhook-id": IDENTITY, "webhook-timestamp": str(AT), "webhook-signature": SIGNED}


def test_the_specification_s_example_is_signed_as_it_says():
    assert signature(KEY, IDENTITY, AT, BODY) == SIGNED
    refuse_unsigned([KEY], HEADERS, BODY, AT)


def test_one_of_several_signatures_and_one_of_several_keys_is_enough():
    old = b"o" * 32
    both = {**HEADERS, "webhook-signature": f"v1a,abc v1,bm9uZQ== {SIGNED}"}
    refuse_unsigned([old, KEY], both, BODY, AT + TOLERANCE_S)


@pytest.mark.parametrize(
    ("change", "body", "now", "told"),
    [
        ({"webhook-id": ""}, BODY, AT, "webhook-id"),
        ({"webhook-id": "a b"}, BODY, AT, "webhook-id"),
        ({"webhook-id": "x" * 129}, BODY, AT, "webhook-id"),
        ({"webhook-timestamp": "nu"}, BODY, AT, "webhook-timestamp is missing"),
        ({"webhook-timestamp": "-1"}, BODY, AT, "webhook-timestamp is missing"),
        ({"webhook-timestamp": "٣"}, BODY, AT, "webhook-timestamp is missing"),
        ({"webhook-signature": ""}, BODY, AT, "webhook-signature"),
        ({"webhook-signature": SIGNED.replace("v1,", "v1a,")}, BODY, AT, "webhook-signature"),
        ({"webhook-signature": "v1,å"}, BODY, AT, "not by a key"),
        ({"webhook-id": "msg_other"}, BODY, AT, "not by a key"),
        ({"webhook-timestamp": str(AT + 1)}, BODY, AT, "not by a key"),
        ({}, BODY + b" ", AT, "not by a key"),
        ({}, BODY, AT + TOLERANCE_S + 1, "from our clock"),
        ({}, BODY, AT - TOLERANCE_S - 1, "from our clock"),
    ],
)
def test_what_is_not_signed_rightly_and_lately_is_refused_in_words(change, body, now, told):
    with pytest.raises(NotSigned, match=told):
        refuse_unsigned([KEY], {**HEADERS, **change}, body, now)


def test_a_feed_without_keys_takes_nothing():
    with pytest.raises(NotSigned, match="not by a key"):
        refuse_unsigned([], HEADERS, BODY, AT)
