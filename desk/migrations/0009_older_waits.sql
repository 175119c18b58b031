-- Histories that may hold waits which ran on after an answer, and that were written before such waits had rows, or while a
-- case's cancelling did not end its wait there. Each goes from this list in the transaction that brings its rows in
-- (`desk/src/reports/overlap_rows.rs`); afterwards the table is empty and stays so.
CREATE TABLE overlaps_to_bring_in (
    case_number TEXT NOT NULL PRIMARY KEY
);
INSERT INTO overlaps_to_bring_in
SELECT DISTINCT case_number FROM case_events WHERE document LIKE '%"paused":%';
