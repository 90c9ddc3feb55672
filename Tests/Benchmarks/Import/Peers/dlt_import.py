"""dlt with its REST source into SQLite, prices and stock kept as JSON (its quicker way).

dlt_import.py SOURCE_URL FOLDER PAGE_SIZE

It infers and evolves a schema and keeps its own state; it counts nothing and hashes nothing, so counts are taken here.
"""

import json
import os
import sys

source, folder, page_size = sys.argv[1:4]
os.environ.update(
    DLT_DATA_DIR=folder, RUNTIME__DLTHUB_TELEMETRY="false", RUNTIME__LOG_LEVEL="ERROR", DLT_PROJECT_DIR=folder)

import dlt
import requests
import sqlalchemy
from dlt.sources.rest_api import rest_api_source

root = source + "/b1s/v2/"


def count():
    return int(requests.get(root + "Items/$count").text)


items = rest_api_source({
    "client": {"base_url": root},
    "resources": [{
        "name": "item", "primary_key": "ItemCode", "max_table_nesting": 0,
        "endpoint": {
            "path": "Items", "data_selector": "value",
            "paginator": {"type": "json_link", "next_url_path": "['@odata.nextLink']"},
        },
    }],
})
before = count()
path = os.path.join(folder, "items.db")
pipeline = dlt.pipeline(
    "bench", destination=dlt.destinations.sqlalchemy("sqlite:///" + path), dataset_name="main", pipelines_dir=folder)
pipeline.run(items, write_disposition="replace")
after = count()
with sqlalchemy.create_engine("sqlite:///" + path).connect() as connection:
    rows, distinct = connection.execute(
        sqlalchemy.text("SELECT count(*), count(DISTINCT item_code) FROM item")).fetchone()
with open("/proc/self/status") as status:
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
print(json.dumps({
    "rows": rows, "distinct": distinct, "complete": before == after == rows == distinct, "peakKB": peak}))
