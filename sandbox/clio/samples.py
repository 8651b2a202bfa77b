"""The firms that the demo and the measurements use; every name is invented."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from decimal import Decimal

from brought_forward.sandbox.clio.firm import Firm
from brought_forward.sandbox.clio.records import Contact, Status, User

FOUNDED = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

PEOPLE = ("Dana Hallam", "Luis Reyes", "Priya Natarajan", "Tom Okafor", "Ines Varga", "Beth Calloway")
CLIENTS = (
    "Acme", "Albright Dental", "Brandt Roofing", "Castellan Wines", "Corbin", "Delaney", "Eastgate Motors",
    "Ferro Bakery", "Gallow Street Press", "Halden", "Iverson", "Juniper Clinic", "Kessler", "Larkfield School",
    "Moreau", "Nakagawa Imports", "Oakhurst Homes", "Pellegrino", "Quarry Lane Farm", "Rosewood Theatre",
    "Saltmarsh Marine", "Tavener", "Ulrich Tools", "Vantongeren", "Whitlock", "Xanthe Studio", "Yarrow", "Zeller",
)  # fmt: skip
SUBJECTS = ("Lease review", "Supply dispute", "Estate plan", "Employment claim", "Incorporation", "Purchase of land")
CLOSED = {9, 23, 37, 52, 66, 78}
PENDING = {48}
MATTERS = 80


def sample_firm() -> Firm:
    """Build the demo's firm.

    80 matters, "00001-Acme" to "00080-...": six are closed, one is pending, 00044 is not billable, 00058 is a flat-fee
    matter, and 00031-Halden has a twin that differs by case alone. Six users are enabled; one has left, one is a
    client's portal seat.
    """
    firm = Firm(clock=FOUNDED.timestamp)
    users = [
        firm.add_user(name, attorney=place < 4, rate=Decimal(350 - 40 * place), roles=("admin",) if place == 0 else ())
        for place, name in enumerate(PEOPLE)
    ]
    firm.add_user("Gordon Sloane", enabled=False)
    firm.add_user("Mara Acme", clio_connect=True, attorney=False, rate=Decimal(0))
    clients = [firm.add_client(name, company=" " in name or name == "Acme") for name in CLIENTS]
    for number in range(1, MATTERS + 1):
        _add_matter(firm, number, clients, users)
    firm.add_description("Consultation", rate_type="User")
    firm.add_description("Filing", rate_type="Custom", amount=120)
    firm.clock = time.time  # what was made so far is from the day the firm was founded
    return firm


def _add_matter(firm: Firm, number: int, clients: list[Contact], users: list[User]) -> None:
    client = clients[_client_of(number)]
    name = client.name if number != 32 else client.name.upper()
    firm.add_matter(
        f"{number if number != 32 else 31:05d}-{name}",
        client=client,
        attorney=users[number % 4] if number != 71 else None,
        description=SUBJECTS[number % len(SUBJECTS)],
        status=Status.CLOSED if number in CLOSED else Status.PENDING if number in PENDING else Status.OPEN,
        billable=number != 44,
        billing_method="flat" if number == 58 else "hourly",
        client_reference=f"OLD-{1000 + number}" if number % 5 == 0 else None,
    )


def _client_of(number: int) -> int:
    fixed = {12: 0, 31: 9, 32: 9}  # 00012-Acme, 00031-Halden and 00031-HALDEN
    return fixed.get(number, (number - 1) % len(CLIENTS))


def firm_of_size(matters: int = 20_000, users: int = 10) -> Firm:
    """Build a firm of open matters, three to a client, shared among enabled users."""
    firm = Firm(clock=FOUNDED.timestamp)
    people = [firm.add_user(f"{PEOPLE[n % len(PEOPLE)]} {n + 1}") for n in range(max(users, 1))]
    client = firm.add_client("Acme")
    for number in range(1, matters + 1):
        if number % 3 == 1:
            client = firm.add_client(f"{CLIENTS[number % len(CLIENTS)]} {number // 3 + 1}")
        firm.add_matter(f"{number:05d}-{client.name}", client=client, attorney=people[number % len(people)])
    firm.clock = time.time  # what was made so far is from the day the firm was founded
    return firm
