-- Who wrote a version of a plan or of a calendar, and when. Versions that the desk wrote at its first start have neither.
ALTER TABLE calendars ADD COLUMN recorded_at_utc_s BIGINT;
ALTER TABLE calendars ADD COLUMN recorded_by TEXT;
ALTER TABLE plans ADD COLUMN recorded_at_utc_s BIGINT;
ALTER TABLE plans ADD COLUMN recorded_by TEXT;
