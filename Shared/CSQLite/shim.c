#include "CSQLite.h"

#include <sqlite3.h>

bool csqlite_forbid_mapping(void) {
    return sqlite3_config(SQLITE_CONFIG_MMAP_SIZE, (sqlite3_int64)0, (sqlite3_int64)0) == SQLITE_OK;
}
