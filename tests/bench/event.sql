-- The 20 columns that mawk and the minimal C loop fill, with the names they have in the store.
-- Absent is NULL; sqlite3's .import makes it ''.
CREATE TABLE event (
    line         INTEGER PRIMARY KEY,
    time         REAL,
    op           TEXT,
    node         INTEGER,
    layer        TEXT,
    reason       TEXT,
    uid          INTEGER,
    ptype        TEXT,
    size         INTEGER,
    mac_duration INTEGER,
    mac_dst      INTEGER,
    mac_src      INTEGER,
    mac_type     INTEGER,
    src          INTEGER,
    sport        INTEGER,
    dst          INTEGER,
    dport        INTEGER,
    ttl          INTEGER,
    next_hop     INTEGER,
    seq          INTEGER
);
