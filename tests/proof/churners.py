"""Tables of customers who left or stayed, in the shape of well-known churn tables; the same for the same seed."""

import csv
import random
from math import exp
from pathlib import Path

COLUMNS = ("customer", "tenure", "contract", "internet", "payment", "charge", "month", "left_on", "churn")

ENTITY = """---
kind: entity
name: subscribers
key: subscriber
rows: shared
columns:
  subscriber: {type: text, from: [telco]}
  tenure_months: {type: integer, from: [telco]}
  contract: {type: text, from: [telco]}
  internet: {type: text, from: [telco]}
  pays_by_check: {type: boolean, from: [telco]}
  monthly_charge: {type: decimal, from: [telco]}
---
"""

SOURCE = """---
kind: source
name: telco
files: {folder: imports}
streams:
  rows:
    path: telco.csv
    key: customer
    columns:
      tenure: {path: tenure, type: integer}
      contract: contract
      internet: internet
      payment: payment
      charge: {path: charge, type: decimal}
      month: {path: month, type: date}
      left_on: {path: left_on, type: date}
      churn: churn
label: {column: churn, event: Yes}
---
```sql subscribers
select key as subscriber, tenure as tenure_months, contract, internet, payment = 'check' as pays_by_check,
    charge as monthly_charge
from rows
```
"""

HEALTH = """---
kind: health
name: telco_health
version: 3
entity: subscribers
components:
  tenure:
    weight: 30
    needs: [tenure_months]
    score: >-
      case
        when tenure_months < 12 then 20
        when tenure_months < 36 then 60
        else 100
      end
  contract: {weight: 30, needs: [contract], score: "case contract when 'month' then 10 else 90 end"}
  internet:
    weight: 20
    needs: [internet]
    score: "case when internet = 'fiber' then 30 else 90 end"
  payment: {weight: 10, needs: [pays_by_check], score: case when pays_by_check then 40 else 90 end}
  charge:
    weight: 10
    needs: [monthly_charge]
    score: 100 - monthly_charge
bands: {healthy: 70, watch: 45, at_risk: 0}
---
# How well subscribers do

Text that no proposal touches.
"""


def rows(count: int, seed: int = 1, *, signal: bool = True) -> list[dict[str, str]]:
    """So many customers; without `signal` who leaves has nothing to do with them."""
    chance = random.Random(seed)
    return [_row(chance, number, signal=signal) for number in range(count)]


def _row(chance: random.Random, number: int, *, signal: bool) -> dict[str, str]:
    tenure = min(72, int(72 * chance.random() ** 1.4) + 1)
    contract = chance.choices(("month", "a year", "two years"), (6, 2, 1 + tenure / 12))[0]
    internet = chance.choices(("fiber", "dsl", "none"), (44, 34, 22))[0]
    payment = chance.choices(("check", "card", "bank"), (35, 35, 30))[0]
    charge = {"fiber": 90, "dsl": 55, "none": 20}[internet] + chance.uniform(-15, 15)
    odds = -1.2 + {"month": 1.0, "a year": -0.6, "two years": -1.9}[contract] - 0.035 * (tenure - 30)
    odds += {"fiber": 0.9, "dsl": -0.2, "none": -1.0}[internet] + (0.5 if payment == "check" else 0.0)
    left = chance.random() < (1 / (1 + exp(-odds - chance.gauss(0, 0.7))) if signal else 0.3)
    month = 1 + number % 6
    values = (f"c{number:05}", tenure, contract, internet, payment, f"{charge:.2f}", f"2026-0{month}-01")
    return dict(
        zip(COLUMNS, map(str, (*values, f"2026-0{month}-21" if left else "", "Yes" if left else "No")), strict=True)
    )


def write(file: Path, listed: list[dict[str, str]]) -> Path:
    """The rows as a CSV file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, list(listed[0]))
        writer.writeheader()
        writer.writerows(listed)
    return file


def workspace(root: Path, listed: list[dict[str, str]], **texts: str) -> Path:
    """A workspace with nothing but the table, what it means and a score; `texts` replace entity, source or health."""
    written = {"entity": ENTITY, "source": SOURCE, "health": HEALTH} | texts
    for name, text in written.items():
        file = root / "directives" / f"{name}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    write(root / "imports" / "telco.csv", listed)
    return root
