CREATE TABLE boots (
  id INTEGER PRIMARY KEY,
  uuid TEXT NOT NULL,
  confirmed INTEGER NOT NULL
) STRICT;

CREATE TABLE counters (
  owner TEXT NOT NULL, -- queue, source:<name>, sink:<name>
  name TEXT NOT NULL,
  value INTEGER NOT NULL,
  PRIMARY KEY (owner, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE dead_letters (
  id INTEGER PRIMARY KEY,
  sink INTEGER NOT NULL,
  minute INTEGER NOT NULL,
  device TEXT NOT NULL,
  quantity TEXT NOT NULL,
  samples TEXT NOT NULL, -- JSON array of [at, value]
  value_count INTEGER NOT NULL,
  reason TEXT NOT NULL,
  refused_at REAL NOT NULL,
  owed_route TEXT
) STRICT;

CREATE TABLE displaced (
  device_minute INTEGER NOT NULL,
  minute INTEGER NOT NULL,
  PRIMARY KEY (device_minute, minute)
) STRICT, WITHOUT ROWID;

CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  json TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL) STRICT;

CREATE TABLE origins (
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL,
  device TEXT NOT NULL,
  serial TEXT
) STRICT;

CREATE TABLE owed (
  sink INTEGER NOT NULL,
  minute INTEGER NOT NULL,
  route TEXT NOT NULL,
  through INTEGER NOT NULL,
  reading_count INTEGER NOT NULL,
  value_count INTEGER NOT NULL,
  PRIMARY KEY (sink, minute)
) STRICT, WITHOUT ROWID;

CREATE TABLE owed_parts (
  sink INTEGER NOT NULL,
  minute INTEGER NOT NULL,
  upto INTEGER NOT NULL,
  origin INTEGER NOT NULL,
  id INTEGER NOT NULL,
  PRIMARY KEY (sink, minute)
) STRICT, WITHOUT ROWID;

CREATE TABLE provisional (
  boot INTEGER NOT NULL,
  minute INTEGER NOT NULL,
  PRIMARY KEY (boot, minute)
) STRICT, WITHOUT ROWID;

CREATE TABLE readings (
  key INTEGER PRIMARY KEY, -- minute << 37 | id
  origin INTEGER NOT NULL,
  shape INTEGER NOT NULL,
  at REAL NOT NULL,
  received REAL, -- NULL: the same as at
  mono REAL NOT NULL,
  device_time REAL,
  boot INTEGER NOT NULL,
  flags INTEGER NOT NULL, -- 1 time unknown, 2 time fixed by confirmation, 4 only the device's time can count
  data BLOB NOT NULL -- values in the order of the shape; see values-codec
) STRICT;

CREATE TABLE replays (
  id INTEGER PRIMARY KEY,
  sink INTEGER NOT NULL,
  from_at REAL NOT NULL,
  to_at REAL NOT NULL,
  device TEXT,
  total INTEGER NOT NULL,
  as_metrics INTEGER NOT NULL,
  late INTEGER NOT NULL,
  too_old INTEGER NOT NULL,
  sent_fresh INTEGER NOT NULL DEFAULT 0,
  sent_late INTEGER NOT NULL DEFAULT 0,
  sent_too_old INTEGER NOT NULL DEFAULT 0,
  cursor_minute INTEGER NOT NULL,
  cursor_id INTEGER NOT NULL,
  state TEXT NOT NULL
) STRICT;

CREATE TABLE shapes (
  id INTEGER PRIMARY KEY,
  quantities TEXT NOT NULL UNIQUE -- JSON array, in the device's order
) STRICT;

CREATE TABLE sinks (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  type TEXT NOT NULL,
  removed INTEGER NOT NULL,
  routes TEXT NOT NULL -- JSON array of { name, behindMs }, in order of preference
) STRICT;

CREATE TABLE sources (
  name TEXT PRIMARY KEY,
  refusal TEXT -- the last one, as JSON
) STRICT, WITHOUT ROWID;

CREATE TABLE state (
  key TEXT PRIMARY KEY,
  json TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX dead_letters_dead ON dead_letters (sink, value_count) WHERE owed_route IS NULL;

CREATE INDEX dead_letters_owed ON dead_letters (sink, owed_route, minute) WHERE owed_route IS NOT NULL;
