"""Clio's `fields` parameter: what an answer holds.

Without it an answer has only id and etag. Names are those of Clio's published document; one nested level
is allowed, a second one or an unknown name is an error (docs.developers.clio.com, "Fields").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

Values = Mapping[str, Any]
Fields = dict[str, dict[str, None] | None]

DEFAULT: Fields = {"id": None, "etag": None}

CURRENCY = "id etag code sign created_at updated_at"
USER = (
    "account_owner clio_connect court_rules_default_attendee created_at default_calendar_id email enabled etag "
    "first_name id initials last_name name phone_number rate roles subscription_type time_zone updated_at"
)
MATTER = (
    "id etag number display_number custom_number currency description status location client_reference client_id "
    "billable maildrop_address billing_method open_date close_date pending_date created_at updated_at shared "
    "has_tasks last_activity_date matter_stage_updated_at"
)
DESCRIPTION = (
    "id etag name visible_to_co_counsel created_at updated_at default type utbms_activity_id utbms_task_name "
    "utbms_task_id xero_service_code accessible_to_user category_type currency"
)
ACTIVITY = (
    "id etag type date quantity_in_hours rounded_quantity_in_hours quantity rounded_quantity quantity_redacted price "
    "note flat_rate billed on_bill total contingency_fee created_at updated_at reference non_billable "
    "non_billable_total no_charge tax_setting"
)
CONTACT = (
    "id etag name first_name middle_name last_name date_of_birth type created_at updated_at prefix title initials "
    "clio_connect_email locked_clio_connect_email client_connect_user_id primary_email_address "
    "secondary_email_address primary_phone_number secondary_phone_number ledes_client_id "
    "has_clio_for_clients_permission is_client is_clio_for_client_user is_co_counsel is_bill_recipient "
    "sales_tax_number currency"
)
BILL = (
    "id etag number issued_at created_at due_at tax_rate secondary_tax_rate updated_at subject purchase_order type "
    "memo start_at end_at balance state kind total paid paid_at pending due discount_services_only can_update "
    "credits_issued shared last_sent_at services_secondary_tax services_sub_total services_tax "
    "services_taxable_sub_total services_secondary_taxable_sub_total taxable_sub_total secondary_taxable_sub_total "
    "sub_total tax_sum secondary_tax_sum total_tax available_state_transitions"
)
SETTINGS = (
    "id etag rounded_duration rounding use_decimal_rounding currency currency_sign tax_rate tax_name "
    "apply_tax_by_default apply_secondary_tax_by_default time_on_flat_rate_contingency_matters_is_non_billable "
    "use_secondary_tax secondary_tax_rate secondary_tax_rule secondary_tax_name notify_after_bill_created "
    "use_utbms_codes created_at updated_at multi_currency_billing billing_currencies"
)
RATE = "amount non_billable_amount type hierarchy"
GROUP = "client_connect_user etag id name type updated_at"
ACCOUNT = "id etag name state created_at updated_at"
EMPTY_OF_MATTER = (
    "contingency_fee custom_rate evergreen_retainer folder matter_budget matter_stage practice_area "
    "statute_of_limitations legal_aid_uk_matter attorney_allocation account_balances custom_field_values "
    "custom_field_set_associations matter_bill_recipients relationships task_template_list_instances "
    "kyc_field_values split_invoice_payers"
)
REPORT = "id etag name state kind format progress created_at updated_at category source"
EMPTY_OF_BILL = (
    "discount interest bill_theme destination_account balances matter_totals billing_setting client_addresses "
    "legal_aid_uk_bill split_invoice"
)
EMPTY_OF_ACTIVITY = (
    "expense_category communication client_portal matter_note contact_note subject timer utbms_expense "
    "calendar_entry task text_message_conversation document_version legal_aid_uk_activity"
)

# Each kind of answer: its own names, and its relations with the names within them. A relation without names
# is one that the sandbox leaves empty; what is asked of it is not checked.
PLAIN: dict[str, frozenset[str]] = {
    "user": frozenset(USER.split()),
    "matter": frozenset(MATTER.split()),
    "activity_description": frozenset(DESCRIPTION.split()),
    "activity": frozenset(ACTIVITY.split()),
    "billing_setting": frozenset(SETTINGS.split()),
    "bill": frozenset(BILL.split()),
    "report": frozenset(REPORT.split()),
}
RELATIONS: dict[str, dict[str, str]] = {
    "user": {"default_activity_description": DESCRIPTION, "account": ACCOUNT, "contact": CONTACT, "groups": GROUP}
    | dict.fromkeys(("notification_methods", "avatar", "job_title"), ""),
    "matter": {
        "client": CONTACT,
        "currency": CURRENCY,
        "originating_attorney": USER,
        "responsible_attorney": USER,
        "responsible_staff": USER,
        "user": USER,
        "group": GROUP,
    }
    | dict.fromkeys(EMPTY_OF_MATTER.split(), ""),
    "activity_description": {
        "groups": GROUP,
        "rate": RATE,
        "currency": CURRENCY,
        "utbms_task": "",
        "utbms_activity": "",
    },
    "activity": {
        "activity_description": DESCRIPTION,
        "bill": BILL,
        "matter": MATTER,
        "user": USER,
        "currency": CURRENCY,
        "vendor": CONTACT,
    }
    | dict.fromkeys(EMPTY_OF_ACTIVITY.split(), ""),
    "billing_setting": {},
    "bill": {
        "matters": MATTER,
        "client": CONTACT,
        "user": USER,
        "group": GROUP,
        "currency": CURRENCY,
        "original_bill": BILL,
    }
    | dict.fromkeys(EMPTY_OF_BILL.split(), ""),
    "report": {},
}

_TOKEN = re.compile(r"[^,{}]+|[,{}]")


class InvalidFieldsError(Exception):
    """Say what is wrong with a `fields` parameter."""


def read_fields(kind: str, text: str | None, gone: Collection[str] = ()) -> Fields:
    """Read "id,matter{id,display_number}" for a kind of answer, that no longer knows some; raise InvalidFieldsError."""
    if text is None or not text.strip():
        return DEFAULT
    fields: Fields = {}
    nested: dict[str, None] | None = None  # the braces that stand open
    last = outer = ""
    for token in _TOKEN.findall(text):
        word = token.strip()
        if word == "{":
            if nested is not None:
                raise InvalidFieldsError(f"{outer}{{{last}{{...}}}}: only one nested level is allowed")
            outer, nested = last, {}
            if outer not in RELATIONS[kind]:
                raise InvalidFieldsError(f"{outer} has no fields of its own")
            fields[outer] = nested
        elif word == "}":
            if nested is None:
                raise InvalidFieldsError("a brace is closed that was not opened")
            nested = None
        elif word not in {",", ""}:
            last = word
            if word in gone:
                raise InvalidFieldsError(f"{word} is not a valid field")
            _add(kind, fields, outer if nested is not None else None, word)
    if nested is not None:
        raise InvalidFieldsError(f"{outer}{{ is not closed")
    return fields


def _add(kind: str, fields: Fields, outer: str | None, name: str) -> None:
    if outer is None:
        if name not in PLAIN[kind] and name not in RELATIONS[kind]:
            raise InvalidFieldsError(f"{name} is not a valid field")
        fields[name] = None
        return
    known = RELATIONS[kind][outer].split()
    if known and name not in known:
        raise InvalidFieldsError(f"{outer}{{{name}}} is not a valid field")
    within = fields[outer]
    if within is not None:
        within[name] = None


def project(values: Values, fields: Fields) -> dict[str, Any]:
    """Answer the fields that were asked for; a relation without braces answers its id and etag."""
    answer: dict[str, Any] = {}
    for name, inner in fields.items():
        value = values.get(name)
        if callable(value):
            value = value() if name == "etag" else _relation(value, inner)
        answer[name] = value
    return answer


def _relation(find: Callable[[], Values | list[Values] | None], inner: dict[str, None] | None) -> Any:
    names: Fields = dict(inner) if inner else DEFAULT
    found = find()
    if found is None:
        return None
    if isinstance(found, list):
        return [project(one, names) for one in found]
    return project(found, names)
