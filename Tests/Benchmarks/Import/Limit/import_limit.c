// The limit: the same import in C, with libcurl, sqlite3 and zstd and nothing between them.
//
//   import_limit SOURCE_URL FILE [evidence]
//
// Counts, reads page after page as it comes from the wire, parses and maps each item, hashes what a shop would be sent,
// stages it, counts again, builds the unique index and counts distinct keys. It knows its fields by name, checks neither
// UTF-8 nor grammar beyond what it needs, cannot go on after a fault and keeps no evidence. With `evidence` it also takes
// SHA-256 of every page and over all keys and hashes in order, as the product does for its monitor.
#define _GNU_SOURCE
#include <curl/curl.h>
#include <openssl/evp.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

typedef struct { const char *at; size_t length; } Text;
typedef struct { char *bytes; size_t length, room; } Buffer;
typedef struct { Text code, currency; int64_t price; } Price;

enum { BLOCK = 256 << 10, PRICES = 3 };

static sqlite3 *db;
static sqlite3_stmt *insert_item, *insert_block;
static ZSTD_CCtx *packer;
static char *packed;
static size_t packed_room;
static Buffer page;          // bytes of the page that are not in a block yet
static size_t scanned;       // where in it the next item begins
static long rows, block = 1;
static enum { HEAD, ITEMS, TAIL } place;
static int with_evidence;
static EVP_MD_CTX *page_hash;

static void fail(const char *what) {
    fprintf(stderr, "import_limit: %s %s\n", what, db ? sqlite3_errmsg(db) : "");
    exit(1);
}
static void run(const char *sql) { if (sqlite3_exec(db, sql, 0, 0, 0)) fail(sql); }
static sqlite3_stmt *prepare(const char *sql) {
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, 0)) fail(sql);
    return statement;
}
static void append(Buffer *buffer, const void *bytes, size_t length) {
    if (buffer->length + length > buffer->room) {
        buffer->room = (buffer->length + length) * 2;
        buffer->bytes = realloc(buffer->bytes, buffer->room);
    }
    memcpy(buffer->bytes + buffer->length, bytes, length);
    buffer->length += length;
}

// 128 bits by multiply and fold; as quick as such hashes get.
static uint64_t fold(uint64_t a, uint64_t b) { __uint128_t p = (__uint128_t)a * b; return (uint64_t)p ^ (uint64_t)(p >> 64); }
static void hash(const Buffer *text, unsigned char out[16]) {
    uint64_t a = 0x9E3779B97F4A7C15u ^ text->length, b = 0xC2B2AE3D27D4EB4Fu, w[2];
    size_t i = 0;
    for (; i + 16 <= text->length; i += 16) {
        memcpy(w, text->bytes + i, 16);
        a = fold(a ^ w[0], 0xA0761D6478BD642Fu ^ w[1]);
        b = fold(b ^ w[1], 0xE7037ED1A0B428DBu ^ w[0]);
    }
    w[0] = w[1] = 0;
    memcpy(w, text->bytes + i, text->length - i);
    a = fold(a ^ w[0], 0x8EBC6AF09C88C6E3u ^ w[1]);
    b = fold(b ^ w[1], 0x589965CC75374CC3u ^ a);
    memcpy(out, &a, 8);
    memcpy(out + 8, &b, 8);
}

// A reader over the bytes that have come; `short_of` is set when they end too early.
static const char *p, *end;
static int short_of;
static int next(char c) { if (p >= end) { short_of = 1; return 0; } if (*p != c) return 0; p++; return 1; }
// Any byte of the eight that is a quote or a backslash has its high bit set.
static uint64_t special(uint64_t word) {
    const uint64_t ones = 0x0101010101010101u;
    uint64_t quote = word ^ ones * '"', slash = word ^ ones * '\\';
    return (((quote - ones) & ~quote) | ((slash - ones) & ~slash)) & ones * 0x80;
}
static Text string(void) {
    Text text = {p + 1, 0};
    if (!next('"')) { if (!short_of) fail("not a string"); return text; }
    while (p < end) {
        uint64_t word, found;
        if (p + 8 <= end) {
            memcpy(&word, p, 8);
            if (!(found = special(word))) { p += 8; continue; }
            p += __builtin_ctzll(found) >> 3;
        }
        if (*p == '"') break;
        p += *p == '\\' ? 2 : 1;
    }
    if (p >= end) { short_of = 1; return text; }
    text.length = p++ - text.at;
    return text;
}
static Text scalar(void) {
    if (p < end && *p == '"') return string();
    Text text = {p, 0};
    while (p < end && *p != ',' && *p != '}' && *p != ']') p++;
    if (p >= end) short_of = 1;
    text.length = p - text.at;
    return text;
}
static int is(Text text, const char *name) { return text.length == strlen(name) && !memcmp(text.at, name, text.length); }
// A decimal as ten-thousandths.
static int64_t amount(Text text) {
    int64_t value = 0;
    int decimals = -1, negative = 0;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.at[i];
        if (c == '-') negative = 1;
        else if (c == '.') decimals = 0;
        else if (c >= '0' && c <= '9') { value = value * 10 + (c - '0'); if (decimals >= 0) decimals++; }
        else fail("not a decimal");
    }
    for (int i = decimals < 0 ? 0 : decimals; i < 4; i++) value *= 10;
    return negative ? -value : value;
}

static Buffer product, prices, stock;
static void field(Buffer *buffer, Text text) { append(buffer, text.at, text.length); append(buffer, "\n", 1); }
static void number(Buffer *buffer, int64_t value) { append(buffer, &value, 8); }

// One item; 0 when its bytes have not all come.
static int item(void) {
    Text key = {0}, name = {0}, barcode = {0}, group = {0}, unit = {0}, valid = {0}, frozen = {0};
    Price found[PRICES] = {0};
    int64_t in_stock = 0, committed = 0;
    const char *start = p;
    short_of = 0;
    if (!next('{')) return 0;
    do {
        Text label = string();
        if (!next(':')) return 0;
        if (is(label, "ItemPrices")) {
            if (!next('[')) return 0;
            do {
                Price row = {0};
                if (!next('{')) return 0;
                do {
                    Text part = string();
                    if (!next(':')) return 0;
                    Text value = scalar();
                    if (short_of) return 0;
                    if (is(part, "PriceList")) row.code = value;
                    else if (is(part, "Price")) row.price = amount(value);
                    else if (is(part, "Currency")) row.currency = value;
                } while (next(','));
                if (!next('}')) return 0;
                if (row.code.length == 1 && row.code.at[0] >= '1' && row.code.at[0] <= '3') found[row.code.at[0] - '1'] = row;
            } while (next(','));
            if (!next(']')) return 0;
        } else if (is(label, "ItemWarehouseInfoCollection")) {
            if (!next('[')) return 0;
            do {
                int ours = 0;
                int64_t counted = 0, reserved = 0;
                if (!next('{')) return 0;
                do {
                    Text part = string();
                    if (!next(':')) return 0;
                    Text value = scalar();
                    if (short_of) return 0;
                    if (is(part, "WarehouseCode")) ours = is(value, "01");
                    else if (is(part, "InStock")) counted = amount(value);
                    else if (is(part, "Committed")) reserved = amount(value);
                } while (next(','));
                if (!next('}')) return 0;
                if (ours) { in_stock += counted; committed += reserved; }
            } while (next(','));
            if (!next(']')) return 0;
        } else {
            Text value = scalar();
            if (short_of) return 0;
            if (is(label, "ItemCode")) key = value;
            else if (is(label, "ItemName")) name = value;
            else if (is(label, "BarCode")) barcode = value;
            else if (is(label, "ItemsGroupCode")) group = value;
            else if (is(label, "SalesUnit")) unit = value;
            else if (is(label, "Valid")) valid = value;
            else if (is(label, "Frozen")) frozen = value;
        }
    } while (next(','));
    if (!next('}')) return 0;

    unsigned char hashes[3][16];
    product.length = prices.length = stock.length = 0;
    field(&product, name), field(&product, barcode), field(&product, group), field(&product, unit);
    append(&product, is(valid, "tYES") && is(frozen, "tNO") ? "1" : "0", 1);
    for (int i = 0; i < PRICES; i++) {
        if (!found[i].code.length) continue;
        field(&prices, found[i].code), number(&prices, found[i].price), field(&prices, found[i].currency);
    }
    number(&stock, in_stock), number(&stock, committed), number(&stock, in_stock - committed);
    hash(&product, hashes[0]), hash(&prices, hashes[1]), hash(&stock, hashes[2]);
    sqlite3_bind_text(insert_item, 1, key.at, key.length, 0);
    sqlite3_bind_text(insert_item, 2, name.at, name.length, 0);
    for (int i = 0; i < 3; i++) sqlite3_bind_blob(insert_item, 3 + i, hashes[i], 16, 0);
    sqlite3_bind_blob(insert_item, 6, prices.bytes, prices.length, 0);
    sqlite3_bind_blob(insert_item, 7, stock.bytes, stock.length, 0);
    sqlite3_bind_int64(insert_item, 8, block);
    sqlite3_bind_int64(insert_item, 9, start - page.bytes);
    sqlite3_bind_int64(insert_item, 10, p - start);
    if (sqlite3_step(insert_item) != SQLITE_DONE) fail("insert");
    sqlite3_reset(insert_item);
    rows++;
    return 1;
}

static void cut(size_t length) {
    if (!length) return;
    if (packed_room < ZSTD_compressBound(length)) packed = realloc(packed, packed_room = ZSTD_compressBound(length));
    size_t size = ZSTD_compressCCtx(packer, packed, packed_room, page.bytes, length, 1);
    sqlite3_bind_blob(insert_block, 1, packed, size, 0);
    if (sqlite3_step(insert_block) != SQLITE_DONE) fail("block");
    sqlite3_reset(insert_block);
    memmove(page.bytes, page.bytes + length, page.length -= length);
    scanned -= length;
    block++;
}

static size_t take(char *bytes, size_t size, size_t count, void *unused) {
    (void)size, (void)unused;
    if (with_evidence) EVP_DigestUpdate(page_hash, bytes, count);
    append(&page, bytes, count);
    for (;;) {
        if (place == HEAD) {
            char *list = memmem(page.bytes, page.length, "\"value\":[", 9);
            if (!list) return count;
            scanned = list + 9 - page.bytes, place = ITEMS;
        }
        if (place == TAIL || scanned >= page.length) return count;
        p = page.bytes + scanned, end = page.bytes + page.length;
        if (*p == ',') { scanned++; continue; }
        if (*p == ']') { place = TAIL; continue; }
        if (!item()) { if (short_of) return count; fail("not an item"); }
        scanned = p - page.bytes;
        if (scanned >= BLOCK) cut(scanned);
    }
}

static size_t keep(char *bytes, size_t size, size_t count, void *buffer) { append(buffer, bytes, size * count); return size * count; }

static CURL *curl;
static void get(const char *url) {
    curl_easy_setopt(curl, CURLOPT_URL, url);
    long status = 0;
    if (curl_easy_perform(curl) || curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) || status != 200) fail(url);
}
static long counted(const char *source) {
    char url[500];
    Buffer answer = {0};
    snprintf(url, sizeof url, "%s/b1s/v2/Items/$count", source);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    get(url);
    append(&answer, "", 1);
    return atol(answer.bytes);
}
static void read_pages(const char *source) {
    char url[500];
    unsigned char digest[32];
    snprintf(url, sizeof url, "%s/b1s/v2/Items", source);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    for (;;) {
        place = HEAD, scanned = page.length = 0;
        if (with_evidence) EVP_DigestInit(page_hash, EVP_sha256());
        get(url);
        if (place != TAIL) fail("the page is cut short");
        if (with_evidence) EVP_DigestFinal(page_hash, digest, 0);
        append(&page, "", 1);
        char *link = strstr(page.bytes + scanned, "\"@odata.nextLink\":\"");
        if (link) {
            link += 19, *strchr(link, '"') = 0;
            snprintf(url, sizeof url, "%s/b1s/v2/%s", source, link);
        }
        page.length--, scanned = page.length;
        cut(page.length);
        if (!link) return;
    }
}

static long walk_keys(void) {
    sqlite3_stmt *select = prepare("SELECT key, products, prices, stock FROM item INDEXED BY itemByKey ORDER BY key");
    EVP_DigestInit(page_hash, EVP_sha256());
    long count = 0;
    for (; sqlite3_step(select) == SQLITE_ROW; count++)
        for (int i = 0; i < 4; i++) EVP_DigestUpdate(page_hash, sqlite3_column_blob(select, i), sqlite3_column_bytes(select, i));
    sqlite3_finalize(select);
    return count;
}

int main(int count, char **arguments) {
    if (count < 3) return 2;
    with_evidence = count > 3;
    if (sqlite3_open(arguments[2], &db)) fail("open");
    run("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
        "CREATE TABLE item(id INTEGER PRIMARY KEY, key TEXT, name TEXT, products BLOB, prices BLOB, stock BLOB,"
        " priceRows BLOB, stockRows BLOB, block INTEGER, offset INTEGER, length INTEGER);"
        "CREATE TABLE block(id INTEGER PRIMARY KEY, body BLOB); BEGIN");
    insert_item = prepare("INSERT INTO item(key,name,products,prices,stock,priceRows,stockRows,block,offset,length) "
                          "VALUES(?,?,?,?,?,?,?,?,?,?)");
    insert_block = prepare("INSERT INTO block(body) VALUES(?)");
    packer = ZSTD_createCCtx(), page_hash = EVP_MD_CTX_new(), curl = curl_easy_init();
    long before = counted(arguments[1]);
    read_pages(arguments[1]);
    long after = counted(arguments[1]);
    run("COMMIT");
    run(with_evidence ? "CREATE UNIQUE INDEX itemByKey ON item(key, products, prices, stock)"
                      : "CREATE UNIQUE INDEX itemByKey ON item(key)");
    sqlite3_stmt *tally = prepare("SELECT count(*), count(DISTINCT key) FROM item");
    sqlite3_step(tally);
    long staged = sqlite3_column_int64(tally, 0), distinct = sqlite3_column_int64(tally, 1);
    sqlite3_finalize(tally);
    if (with_evidence && walk_keys() != staged) fail("walk");
    int complete = before == after && rows == before && distinct == before && staged == before;
    sqlite3_finalize(insert_item), sqlite3_finalize(insert_block), sqlite3_close(db);
    char line[200], peak[50] = "0";
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status)) sscanf(line, "VmHWM: %49[0-9]", peak);
    printf("{\"rows\":%ld,\"distinct\":%ld,\"complete\":%s,\"peakKB\":%s}\n", rows, distinct, complete ? "true" : "false", peak);
    return complete ? 0 : 1;
}
