// What Swift cannot call of SQLite itself: functions with any number of arguments.
#ifndef SLUICE_CSQLITE_H
#define SLUICE_CSQLITE_H

#include <stdbool.h>

/// No file is mapped into memory from now on, by nobody in this process. False when SQLite is in use already.
bool csqlite_forbid_mapping(void);

#endif
