"""Renders the pages a source would serve, as files: sorted or shuffled keys, any page size, some items changed.

An item is like one of SAP Business One with $select: 9 fields, three prices, one warehouse, 383 bytes on average; every
sixth name has escaped quotes, every tenth UTF-8.
"""

import os
import random

ROOT = "/b1s/v2/Items"


def item(number, changed=False):
    if number % 6 == 0:
        name = 'Skrue \\"M%d\\" galv' % (number % 20)
    elif number % 10 == 1:
        name = "Rørbøjle æøå %d" % (number % 999)
    else:
        name = "Item %d" % number
    return (
        '{"ItemCode":"IT%08d","ItemName":"%s","BarCode":"57%010d","ItemsGroupCode":%d,"SalesUnit":"st","Valid":"tYES",'
        '"Frozen":"tNO","ItemPrices":[{"PriceList":1,"Price":%d.%02d,"Currency":"DKK"},{"PriceList":2,"Price":%d.5,'
        '"Currency":"EUR"},{"PriceList":3,"Price":%d.5,"Currency":""}],"ItemWarehouseInfoCollection":['
        '{"WarehouseCode":"01","InStock":%d.0,"Committed":%d}]}'
        % (
            number, name, number, 100 + number % 9, number % 1000, 99 if changed else number % 90, number % 500,
            number % 700, number % 300, number % 7,
        )
    )


def render(folder, count, page_size, shuffled=False, changed_every=0, changed_max=0, lost_page=0):
    """Writes `<skip>.json` for each page, `count` and `newest.json`, once; returns the bytes of the pages.

    changed_every: every so manieth item has another price, changed_max of them at most.
    lost_page: this page is left out, so that reading fails there.
    """
    done = os.path.join(folder, "bytes")
    if os.path.exists(done):
        return int(open(done).read())
    os.makedirs(folder, exist_ok=True)
    numbers = list(range(count))
    if shuffled:
        random.Random(7).shuffle(numbers)
    total = 0
    for page, start in enumerate(range(0, count, page_size), 1):
        if page == lost_page:
            continue
        end = min(start + page_size, count)
        link = ',"@odata.nextLink":"Items?$skip=%d"' % end if end < count else ""
        with open(os.path.join(folder, "%d.json" % start), "wb", buffering=1 << 20) as file:
            total += file.write(b'{"@odata.context":"$metadata#Items","value":[')
            for at in range(start, end, 10_000):
                rows = ",".join(
                    item(n, changed_every > 0 and n % changed_every == 0 and n < changed_every * changed_max)
                    for n in numbers[at:min(at + 10_000, end)])
                total += file.write((("," if at > start else "") + rows).encode())
            total += file.write(("]" + link + "}").encode())
    newest = '{"value":[{"ItemCode":"IT00000000","CreateDate":"2024-05-01","CreateTime":"10:00:00",' \
        '"UpdateDate":"2024-05-01","UpdateTime":"10:00:00"}]}'
    for name, text in (("newest.json", newest), ("count", str(count)), ("bytes", str(total))):
        with open(os.path.join(folder, name), "w") as file:
            file.write(text)
    return total


def render_keys(folder, count, page_size):
    """Writes `keys-<skip>.json`: what the same source shows of its keys alone, once."""
    if os.path.exists(os.path.join(folder, "keys-0.json")):
        return
    for start in range(0, count, page_size):
        end = min(start + page_size, count)
        link = ',"@odata.nextLink":"Items?keys&$skip=%d"' % end if end < count else ""
        rows = ",".join('{"ItemCode":"IT%08d"}' % number for number in range(start, end))
        with open(os.path.join(folder, "keys-%d.json" % start), "w") as file:
            file.write('{"@odata.context":"$metadata#Items","value":[%s]%s}' % (rows, link))


def link(folder, original):
    """The same pages under another name."""
    os.makedirs(folder, exist_ok=True)
    for name in os.listdir(original):
        if not os.path.lexists(os.path.join(folder, name)):
            os.symlink(os.path.join(original, name), os.path.join(folder, name))


def edit(folder, original):
    """The same pages of a source that is edited all the time."""
    link(folder, original)
    os.remove(os.path.join(folder, "newest.json"))


def miscount(folder, original):
    """The same pages with a count of one more."""
    link(folder, original)
    counted = int(open(os.path.join(original, "count")).read())
    os.remove(os.path.join(folder, "count"))
    with open(os.path.join(folder, "count"), "w") as file:
        file.write(str(counted + 1))


def render_shop_keys(folder, count, page_size=5000):
    """Writes `<dataset>-<page>.json`: the keys a shop lists once all is published, as the benchmark's mapping makes them."""
    if os.path.exists(os.path.join(folder, "done")):
        return
    os.makedirs(folder, exist_ok=True)
    datasets = {
        "products": ['{"code":"IT%08d"}'],
        "prices": ['{"product_code":"IT%%08d","price_list_code":"%s","min_quantity":"1"}' % code
                   for code in ("dealer", "retail", "web")],
        "stock": ['{"product_code":"IT%08d","warehouse_code":"main"}'],
    }
    for dataset, rows in datasets.items():
        items = page_size // len(rows)
        for page, start in enumerate(range(0, count, items)):
            end = min(start + items, count)
            cursor = ',"next_cursor":"%d"' % (page + 1) if end < count else ""
            text = ",".join(row % number for number in range(start, end) for row in rows)
            with open(os.path.join(folder, "%s-%d.json" % (dataset, page)), "w") as file:
                file.write('{"items":[%s]%s}' % (text, cursor))
    open(os.path.join(folder, "done"), "w").close()
