"""What a customer's consultant writes: requests, json (or orjson), sqlite3.

plain_python.py SOURCE_URL FILE json|orjson

Counts, reads page after page, stages key, name, barcode, prices and stock in one transaction a page, counts again, and
counts rows and distinct keys. No content hash, no original bytes, no evidence, no going on after a fault.
"""

import json
import sqlite3
import sys

import requests

source, path, decoder = sys.argv[1:4]
if decoder == "orjson":
    import orjson

    loads = orjson.loads
else:
    loads = json.loads


def scaled(number):
    return round(number * 10_000)


def row(item):
    prices = {price["PriceList"]: price for price in item["ItemPrices"]}
    stock = sum(w["InStock"] - w["Committed"] for w in item["ItemWarehouseInfoCollection"] if w["WarehouseCode"] == "01")
    return (
        item["ItemCode"], item["ItemName"], item["BarCode"], item["ItemsGroupCode"], item["SalesUnit"],
        item["Valid"] == "tYES" and item["Frozen"] == "tNO", scaled(stock),
        ";".join("%d %d %s" % (n, scaled(prices[n]["Price"]), prices[n]["Currency"] or "DKK") for n in (1, 2, 3) if n in prices),
    )


session = requests.Session()
root = source + "/b1s/v2/"
database = sqlite3.connect(path)
database.execute("PRAGMA journal_mode = WAL")
database.execute("PRAGMA synchronous = NORMAL")
database.execute(
    "CREATE TABLE item(key TEXT, name TEXT, barcode TEXT, grp INTEGER, unit TEXT, active INTEGER, stock INTEGER,"
    " prices TEXT)")


def count():
    answer = session.get(root + "Items/$count")
    answer.raise_for_status()
    return int(answer.text)


before, rows, link = count(), 0, "Items"
while link:
    answer = session.get(root + link)
    answer.raise_for_status()
    page = loads(answer.content)
    with database:
        database.executemany("INSERT INTO item VALUES(?, ?, ?, ?, ?, ?, ?, ?)", map(row, page["value"]))
    rows += len(page["value"])
    link = page.get("@odata.nextLink")
after = count()
staged, distinct = database.execute("SELECT count(*), count(DISTINCT key) FROM item").fetchone()
database.close()
complete = before == after == rows == staged == distinct
with open("/proc/self/status") as status:
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
print(json.dumps({"rows": rows, "distinct": distinct, "complete": complete, "peakKB": peak}))
