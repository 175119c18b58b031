-- Visits: what did not happen, where each is, and who is held when.

-- A visit at which nobody received the technician counted as kept. Its rows are derived anew (`0012`).
INSERT INTO promises_to_bring_in
SELECT DISTINCT e.case_number FROM case_events e
WHERE e.document LIKE '%"missed":{"by":%'
    AND NOT EXISTS (SELECT 1 FROM promises_to_bring_in p WHERE p.case_number = e.case_number);
-- end of what is told anew

-- Where a case is: the site as registered, and what its row is called by; the place in the customer's words where the register
-- knows none. Rows from before that get it with their next entry.
ALTER TABLE cases ADD COLUMN site_id BIGINT;
ALTER TABLE cases ADD COLUMN place TEXT NOT NULL DEFAULT '';
UPDATE cases SET site_id =
    (SELECT e.site_id FROM equipment e WHERE e.serial = cases.serial AND e.contract_number = cases.contract_number);
UPDATE cases SET place = COALESCE((SELECT s.name FROM sites s WHERE s.id = cases.site_id), '');

-- In which windows a visit holds its technician: a JSON list, and from when to when they reach; none once it is over. Offers
-- from before that have no list: their histories say which (`desk/src/bookings.rs`).
ALTER TABLE visits ADD COLUMN held TEXT;
ALTER TABLE visits ADD COLUMN held_from_utc_s BIGINT;
ALTER TABLE visits ADD COLUMN held_to_utc_s BIGINT;
UPDATE visits SET held_from_utc_s = from_utc_s, held_to_utc_s = to_utc_s WHERE stage IN ('agreed', 'on_site', 'working');
UPDATE visits SET held_from_utc_s = 0, held_to_utc_s = 253402300799 WHERE stage = 'offered';
CREATE INDEX visits_by_technician_held ON visits (technician_id, held_to_utc_s, held_from_utc_s);

-- Minutes from one site to another, where the distance between cities does not say them. The smaller id stands first.
CREATE TABLE travel_times (
    site_id       BIGINT NOT NULL,
    other_site_id BIGINT NOT NULL,
    minutes       BIGINT NOT NULL,
    PRIMARY KEY (site_id, other_site_id)
);
CREATE INDEX visits_by_held ON visits (held_to_utc_s);
