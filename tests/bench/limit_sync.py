"""The limit script: the duties of `gtm sync` for one known stream, written as tightly as they can be.

    python tests/bench/limit_sync.py URL FOLDER [bare]

It fetches every contact by search, lands each page compressed, decodes it under forty known types with payload and
hash, merges into a raw table with its cursor, unifies into customers and publishes a copy. No directive, no second
source, no lock, no retry, no rate limit, no reject, no check. `bare` does less still: fetch, decode as text, merge.
"""

import asyncio
import json
import os
import shutil
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import duckdb
import httpx
import msgspec
import zstandard

from execution.sandbox.hubspot.properties import NAMES
from tests.bench.portal import TYPES

KINDS = {"integer": "BIGINT", "decimal": "DECIMAL(18,4)", "timestamp": "TIMESTAMP", "boolean": "BOOLEAN"}
BATCH = 64


class Hit(msgspec.Struct):
    """As much of a record as reading on needs."""

    id: str


class Found(msgspec.Struct):
    """As much of a page as reading on needs."""

    results: list[msgspec.Raw]


def typed_sql(files: list[str]) -> str:
    """SELECT of the records in landed pages, typed, with payload and hash."""
    paths = [f'$."properties"."{name}"' for name in NAMES]
    columns = []
    for at, name in enumerate(NAMES, 2):
        kind = KINDS.get(TYPES.get(name, "text"))
        leaf = f"leaf[{at}]"
        columns.append(f"{f'try_cast({leaf} AS {kind})' if kind else leaf} AS {name}")
    return f"""
        WITH records AS (
            SELECT unnest(results) AS payload
            FROM read_json({files!r}, format = 'unstructured', compression = 'zstd',
                           columns = {{'results': 'JSON[]'}}, maximum_object_size = 4194304)
        ), leaves AS (
            SELECT payload, json_extract_string(payload, {["$.id", *paths]!r}) AS leaf FROM records
        )
        SELECT leaf[1] AS key, payload::VARCHAR AS payload, md5_number_lower(payload::VARCHAR) AS hash,
               {", ".join(columns)}
        FROM leaves"""


def bare_sql(files: list[str]) -> str:
    """SELECT of the records as text, straight from the JSON."""
    shape = "STRUCT(id VARCHAR, properties STRUCT(" + ", ".join(f'"{name}" VARCHAR' for name in NAMES) + "))[]"
    return f"""
        SELECT r.id AS key, {", ".join(f"r.properties.{name} AS {name}" for name in NAMES)} FROM (
            SELECT unnest(results) AS r
            FROM read_json({files!r}, format = 'unstructured', columns = {{'results': '{shape}'}},
                           maximum_object_size = 4194304))"""


class Limit:
    """One run."""

    def __init__(self, url: str, folder: Path, *, is_bare: bool) -> None:
        self.url, self.folder, self.is_bare = url, folder, is_bare
        self.pages = folder / "pages"
        self.pages.mkdir(parents=True)
        self.con = duckdb.connect(":memory:", config={"preserve_insertion_order": False})
        self.pool = ThreadPoolExecutor(1)
        self.staged: list[Future[str]] = []

    async def fetch(self) -> None:
        """Every page in order of ids; each full batch is decoded in the other thread."""
        compress = zstandard.ZstdCompressor(level=1).compress
        read, last = msgspec.json.Decoder(Found), msgspec.json.Decoder(Hit)
        after, batch, number = "0", list[str](), 0
        headers = {"Authorization": "Bearer sandbox-hubspot", "Content-Type": "application/json"}
        async with httpx.AsyncClient(headers=headers, timeout=60) as http:
            while True:
                filters = [{"propertyName": "hs_object_id", "operator": "GT", "value": after}]
                body = {"limit": 200, "after": "0", "properties": list(NAMES), "sorts": ["hs_object_id"],
                        "filterGroups": [{"filters": filters}]}  # fmt: skip
                answer = await http.post(f"{self.url}/hubspot/crm/v3/objects/contacts/search", content=json.dumps(body))
                content = answer.raise_for_status().content
                results = read.decode(content).results
                if not results:
                    break
                number += 1
                file = self.pages / f"{number:06d}.json"
                file.write_bytes(content if self.is_bare else compress(content))
                batch.append(str(file))
                after = last.decode(results[-1]).id
                if len(batch) == BATCH:
                    self.stage(batch)
                    batch = []
                if len(results) < 200:
                    break
        self.stage(batch)

    def stage(self, files: list[str]) -> None:
        """Decode a batch into a staging file, in turn."""
        if files:
            self.staged.append(self.pool.submit(self._stage, files, len(self.staged)))

    def _stage(self, files: list[str], number: int) -> str:
        target = str(self.folder / f"staged-{number}.parquet")
        sql = bare_sql(files) if self.is_bare else typed_sql(files)
        self.con.cursor().execute(f"COPY ({sql}) TO '{target}' (FORMAT parquet, COMPRESSION lz4)")
        return target

    def merge(self) -> None:
        """Everything staged into the store, and on to the customers."""
        files = [future.result() for future in self.staged]
        store = self.folder / "store.duckdb"
        self.con.execute(f"ATTACH '{store}' AS store (STORAGE_VERSION 'v1.5.0', ROW_GROUP_SIZE 30720)")
        self.con.execute("USE store")
        if self.is_bare:
            self.con.execute(f"CREATE TABLE raw AS FROM read_parquet({files!r})")
        else:
            self._merge_whole(files)
        self.con.execute("USE memory; DETACH store")
        self.pool.shutdown()
        if not self.is_bare:
            shutil.copyfile(store, self.folder / "published.duckdb")
            with (self.folder / "published.duckdb").open("rb") as copy:
                os.fsync(copy.fileno())

    def _merge_whole(self, files: list[str]) -> None:
        self.con.execute(f"CREATE TEMP VIEW staged AS FROM read_parquet({files!r})")
        self.con.execute("CREATE TABLE cursors (stream VARCHAR, high_water TIMESTAMP)")
        self.con.execute(
            "CREATE TABLE raw AS SELECT *, now()::TIMESTAMP AS first_seen, now()::TIMESTAMP AS last_changed, "
            "false AS deleted FROM staged LIMIT 0"
        )
        self.con.execute("BEGIN")
        self.con.execute(
            "MERGE INTO raw t USING staged s ON t.key = s.key WHEN MATCHED AND t.hash <> s.hash THEN UPDATE SET "
            f"payload = s.payload, hash = s.hash, {', '.join(f'{name} = s.{name}' for name in NAMES)} "
            f"WHEN NOT MATCHED THEN INSERT VALUES (s.key, s.payload, s.hash, "
            f"{', '.join(f's.{name}' for name in NAMES)}, now()::TIMESTAMP, now()::TIMESTAMP, false)"
        )
        self.con.execute("INSERT INTO cursors SELECT 'contacts', max(lastmodifieddate) FROM staged")
        self.con.execute("COMMIT")
        self.con.execute("""
            CREATE TABLE customers AS
            SELECT
                lower(trim(email)) AS email, md5(lower(trim(email)))::UUID AS customer_id, key AS hubspot_contact_id,
                trim(concat_ws(' ', firstname, lastname)) AS name, company AS company_name,
                country AS location_country, city AS location_city, lifecyclestage AS lifecycle_stage, industry,
                numemployees AS company_size, associatedcompanyid AS hubspot_company_id, stripe_customer_id,
                hs_analytics_source AS acquisition_source, hs_lifecyclestage_customer_date::DATE AS signup_date,
                split_part(lower(trim(email)), '@', 2) AS company_domain,
                now()::TIMESTAMP AS created_at, now()::TIMESTAMP AS updated_at
            FROM raw
            WHERE contains(email, '@')
            QUALIFY row_number() OVER (PARTITION BY lower(trim(email)) ORDER BY lastmodifieddate DESC, key DESC) = 1""")


def main() -> None:
    """Run it once."""
    limit = Limit(sys.argv[1], Path(sys.argv[2]), is_bare=sys.argv[3:] == ["bare"])
    asyncio.run(limit.fetch())
    limit.merge()


if __name__ == "__main__":
    main()
