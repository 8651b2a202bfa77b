from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from brought_forward.bot.sheet.cells import Unreadable
from brought_forward.bot.sheet.money.figures import DecimalMark, decimal_mark, money_of_number, money_of_text

DOT, COMMA = DecimalMark.DOT, DecimalMark.COMMA
DUST = Decimal("0.000001")
amounts = st.decimals(min_value=Decimal("0.01"), max_value=Decimal("9999999999.99"), places=2)
NEGATIVES = [
    "-{}",
    "−{}",
    "({})",
    "{}-",
    "–{}",
    "— {}",
    "‒{}",
    "$–{}",
    "{}–",
    "{} CR",
    "{}CR",
    "-${}",
    "$-{}",
    "($ {})",
    "$({})",
    "${}-",
    "USD -{}",
    "({}) USD",
]
POSITIVES = [
    "{}",
    "+{}",
    "$+{}",
    "+${}",
    "${}",
    "$ {}",
    "{}$",
    "USD {}",
    "{} usd",
    "US${}",
    "${} USD",
    "{} DR",
    "\u00a0{}\u202f",
    "\u200e{}",
]


def written(amount: Decimal, groups: str, mark: str) -> str:
    return f"{amount:,.2f}".replace(",", "g").replace(".", mark).replace("g", groups)


@given(amounts, st.sampled_from(["", ",", " ", "\u00a0", "'", "’"]), st.sampled_from(POSITIVES))
def test_every_positive_notation_reads_back_to_the_same_cents(amount, groups, notation):
    assert money_of_text(notation.format(written(amount, groups, ".")), DOT, "USD") == amount


@given(amounts, st.sampled_from(["", ",", " ", "'"]), st.sampled_from(NEGATIVES))
def test_every_negative_notation_reads_back_as_a_credit(amount, groups, notation):
    assert money_of_text(notation.format(written(amount, groups, ".")), DOT, "USD") == -amount


@given(amounts, st.sampled_from(["", ".", " ", "\u202f", "'"]), st.sampled_from(["{}", "{} €", "€{}", "EUR {}"]))
def test_the_comma_style_reads_back_to_the_same_cents(amount, groups, notation):
    text = notation.format(written(amount, groups, ","))
    assert money_of_text(text, COMMA, "EUR") == amount
    assert money_of_text(text, decimal_mark([text]), "EUR") == amount


@given(amounts, st.booleans())
def test_a_float_of_cents_reads_back_exactly(amount, credit):
    signed = -amount if credit else amount
    assert money_of_number(float(signed)) == signed


@given(st.lists(amounts.filter(lambda amount: amount < 10_000_000), min_size=2, max_size=30))
def test_the_dust_of_a_sum_of_floats_is_not_money(parts):
    total = sum(parts, Decimal(0))
    assert money_of_number(sum(map(float, parts))) == total


@given(st.lists(amounts.filter(lambda amount: amount < 10_000_000), min_size=2, max_size=30), st.booleans())
def test_the_dust_of_floats_written_as_text_is_no_fraction_of_a_cent(parts, credit):
    total, written = sum(parts, Decimal(0)), repr(sum(map(float, parts)))
    text, total = (f"-{written}", -total) if credit else (written, total)
    assert money_of_text(text, DOT, "USD") == total
    assert money_of_text(text.replace(".", ","), COMMA, "EUR") == total


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("29900.629999999383", "29900.63"),
        ("1.0899999999999999", "1.09"),
        ("36343.270000000004", "36343.27"),
        ("-0.30000000000000004", "-0.30"),
        ("9999999999.990002", "9999999999.99"),
        ("1250.0000", "1250.00"),
        ("1250.500", "1250.50"),
        ("1.1368683772161603e-13", "0.00"),
        ("-4.547473508864641E-13", "0.00"),
        ("0.0000009", "0.00"),
    ],
)
def test_less_than_a_millionth_beside_a_cent_is_that_cent(text, amount):
    assert str(money_of_text(text, DOT, "USD")) == amount


@pytest.mark.parametrize("text", ["12.345", "1.000001", "0.004", "1e-6", "1.5e-3", "1.2E+03"])
def test_a_millionth_and_more_is_none(text):
    with pytest.raises(Unreadable):
        money_of_text(text, DOT, "USD")


@given(st.floats(0.001, 9_999_999))
def test_a_fraction_that_is_rounded_is_half_a_cent_away_at_most_and_half_goes_up(value):
    exact = Decimal(format(value, ".15g"))
    amount = money_of_number(value, rounds=True)
    assert Decimal("-0.005") <= exact - amount < Decimal("0.005")
    assert money_of_text(f"{exact:f}", DOT, "USD", rounds=True, thirds=True) == amount
    assert money_of_number(-value, rounds=True) == -amount


@given(
    amounts,
    st.sampled_from(
        [("{}", "USD", 1), ("${}", "USD", 1), ("{} Dr", "USD", 1), ("Rs. {}", "INR", 1), ("{}–", "INR", -1)]
    ),
)
def test_lakhs_and_crores_read_back_to_the_same_cents(amount, written_as):
    notation, currency, sign = written_as
    whole, cents = f"{amount:.2f}".split(".")
    pairs = [whole[:-3][max(0, end - 2) : end] for end in range(len(whole[:-3]), 0, -2)][::-1]
    text = ",".join([*pairs, whole[-3:]])
    assert money_of_text(notation.format(f"{text}.{cents}"), DOT, currency) == sign * amount
    assert decimal_mark([text]) == (DOT if len(pairs) > 1 else None)


@given(st.floats())
def test_no_float_is_ever_rounded(value):
    try:
        amount = money_of_number(value)
    except Unreadable:
        return
    assert abs(amount - Decimal(format(value, ".15g"))) < DUST
    assert amount.as_tuple().exponent == -2
    assert not (amount == 0 and amount.is_signed())


@given(
    st.integers(min_value=0, max_value=10**9),
    st.text("0123456789", min_size=3, max_size=12),
    st.sampled_from([DOT, COMMA]),
)
def test_more_than_two_decimals_are_never_rounded(whole, decimals, mark):
    text = f"{whole}{mark}{decimals}"
    written = Decimal(f"{whole}.{decimals}")
    assume(abs(written - round(written, 2)) >= DUST)
    with pytest.raises(Unreadable, match="more than two decimals"):
        money_of_text(text, mark, "USD")


@given(st.text(max_size=12), st.sampled_from([DOT, COMMA, None]))
def test_any_text_is_money_or_a_sentence(text, mark):
    try:
        amount = money_of_text(text, mark, "USD")
    except Unreadable as sentence:
        assert str(sentence).endswith(".")
    else:
        assert amount.as_tuple().exponent == -2
        assert abs(amount) < 10**10


@given(st.text("0123456789.,-()$ CR", max_size=10), st.sampled_from([DOT, COMMA]))
def test_what_is_read_has_the_digits_that_were_written(text, mark):
    try:
        amount = money_of_text(text, mark, "USD")
    except Unreadable:
        return
    digits = "".join(sign for sign in text if sign.isdigit())
    assert f"{abs(amount):.2f}".replace(".", "").strip("0") == digits.strip("0")


@pytest.mark.parametrize("value", [True, False])
def test_a_bool_is_never_money(value):
    with pytest.raises(Unreadable):
        money_of_number(value)


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), -float("inf"), 1e10, -1e10, 1e300, 10**400, 0.001, 33.335, 1e-6]
)
def test_a_number_that_is_no_amount_is_refused(value):
    with pytest.raises(Unreadable):
        money_of_number(value)


@pytest.mark.parametrize(
    "text", ["-", "–", "—", "−", "$ -", "$-", "- $", "0", "0.00", "(0.00)", "-0.00", "\u00a0-\u00a0", "0.00 CR"]
)
def test_dashes_and_noughts_are_zero(text):
    zero = money_of_text(text, None, "USD")
    assert zero == 0
    assert str(zero) == "0.00"


@pytest.mark.parametrize(
    "text",
    [
        *[
            "",
            " ",
            "$",
            "CR",
            "USD",
            "n/a",
            "12/5",
            "1.5h",
            "4 items at $3",
            "1e3",
            "٣",
            "１２",
            "+-5",
            "+",
            "5+",
            "=5",
            "5%",
            "1_000",
        ],
        *["--5", "-(5)", "(5)-", "-5 CR", "(5) CR", "-5-", "5 CR DR", "(5", "5)", "()", "(-)", "–(5)"],
        *[
            "1,23",
            "1,2345",
            "12,34.50",
            "1,2345.00",
            "123,45,678.00",
            "1,23,45",
            "01,23,456",
            "1,,234",
            ",234",
            "1,234,5",
            "0,123",
            "0001,234",
            "1, 234",
            "1 23",
            "1,234 567",
            "12.",
        ],
        *[
            "1.2.3",
            "1.234,50",
            "$$5",
            "$5$",
            "USD USD 5",
            "12.345",
            "12.500",
            "10,000,000,000.00",
            "5 0",
            "1 234,567.00",
        ],
    ],
)
def test_what_is_not_plainly_one_amount_is_refused(text):
    with pytest.raises(Unreadable):
        money_of_text(text, DOT, "USD")


@pytest.mark.parametrize(
    ("text", "currency", "named"),
    [
        ("€5.00", "USD", "EUR"),
        ("£5.00", "USD", "GBP"),
        ("CA$5.00", "USD", "CAD"),
        ("US$5.00", "CAD", "USD"),
        ("$5.00 CAD", "USD", "CAD"),
        ("5.00 aud", "USD", "AUD"),
        ("$5.00", "GBP", r"\$"),
    ],
)
def test_another_currency_is_refused_by_its_name(text, currency, named):
    with pytest.raises(Unreadable, match=f"is in {named}, not in {currency}"):
        money_of_text(text, DOT, currency)


@pytest.mark.parametrize("currency", ["USD", "CAD", "AUD", "NZD"])
def test_the_dollar_sign_is_the_firms_own_dollar(currency):
    assert money_of_text("$1,234.50", DOT, currency) == Decimal("1234.50")


@pytest.mark.parametrize(
    ("column", "mark"),
    [
        (["1.234", "1234.50"], DOT),
        (["1.234", "1.234,50"], COMMA),
        (["1.234", "12,5"], COMMA),
        (["1,234", "1,234,567"], DOT),
        (["1.234"], None),
        (["1,234", "7", "", "n/a", None, 1.5], None),
        (["1,234.50", "1.234,50"], None),
        (["1,234.50", "2.50", "1.234,50"], DOT),
        (["($1,234.50)"], DOT),
    ],
)
def test_the_style_is_settled_by_what_reads_only_one_way(column, mark):
    assert decimal_mark(column) == mark


@pytest.mark.parametrize("text", ["1.234", "1,234", "$12.345", "(1,234)"])
def test_a_text_that_reads_both_ways_is_not_guessed(text):
    with pytest.raises(Unreadable, match=r"can be .* or .*: no other settles it"):
        money_of_text(text, None, "USD")


def test_a_text_in_the_style_of_another_column_is_refused():
    with pytest.raises(Unreadable, match="not written like the others"):
        money_of_text("1.234,50", DOT, "USD")
    with pytest.raises(Unreadable, match="in one style and as many others in another"):
        money_of_text("1.234,50", None, "USD")
