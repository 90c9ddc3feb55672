import GRDB

extension DatabaseMigrator {
    /// The mailbox: one row for each mail taken over SMTP.
    mutating func registerMail() {
        registerMigration("003-mail") { db in
            try db.execute(
                sql: """
                    CREATE TABLE mail (
                        -- AUTOINCREMENT: an id is never given again after the mailbox was emptied.
                        id INTEGER PRIMARY KEY AUTOINCREMENT,
                        receivedAt INTEGER NOT NULL,
                        sender TEXT NOT NULL,
                        subject TEXT NOT NULL,
                        encrypted INTEGER NOT NULL,
                        user TEXT,
                        raw BLOB NOT NULL
                    );

                    CREATE TABLE mailRecipient (
                        mailID INTEGER NOT NULL REFERENCES mail (id) ON DELETE CASCADE,
                        position INTEGER NOT NULL,
                        address TEXT NOT NULL,
                        PRIMARY KEY (mailID, position)
                    ) WITHOUT ROWID;
                    CREATE INDEX mailRecipientAddress ON mailRecipient (address COLLATE NOCASE, mailID);
                    """)
        }
    }
}
