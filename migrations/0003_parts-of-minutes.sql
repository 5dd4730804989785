-- Of a minute too large for one batch whole devices are settled at a time. There is a row only while that is under way: of the
-- readings with an id up to `upto`, those are settled too that come no later than (origin, id), by origin and then by id.
CREATE TABLE owed_parts (
  sink INTEGER NOT NULL,
  minute INTEGER NOT NULL,
  upto INTEGER NOT NULL,
  origin INTEGER NOT NULL,
  id INTEGER NOT NULL,
  PRIMARY KEY (sink, minute)
) STRICT, WITHOUT ROWID;
