//! Queries of pages, each with the index that serves it.

use desk::store::Engine;

use crate::support::{TestDesk, both_engines, explain};

both_engines! {
    page_queries_are_served_by_indexes,
}

/// A query of each page, and its index.
const QUERIES: [(&str, &str); 33] = [
        (
            "SELECT id FROM audit_log WHERE id < 40000 AND kind = 'exported' ORDER BY id DESC LIMIT 51",
            "audit_log_by_kind",
        ),
        (
            "SELECT document FROM audit_log WHERE kind = 'exported' ORDER BY id DESC LIMIT 1",
            "audit_log_by_kind",
        ),
        (
            "SELECT number FROM cases WHERE seq < 5 AND CAST(country AS TEXT) = 'VE' AND CAST(status AS TEXT) = 'new'
             ORDER BY seq DESC LIMIT 51",
            "cases_by_seq",
        ),
        (
            "SELECT entity, term FROM register_terms WHERE kind = 'equipment' AND entity IN ('a', 'b')",
            "register_terms_by_entity",
        ),
        (
            "SELECT number FROM cases WHERE is_open = 1 AND sort_key < 5 ORDER BY sort_key, number LIMIT 50",
            "cases_by_rank",
        ),
        (
            "SELECT * FROM (SELECT number FROM cases WHERE is_open = 1 AND sort_key < 5
             ORDER BY sort_key, number LIMIT 50 OFFSET 50) AS listed UNION ALL SELECT * FROM
             (SELECT number FROM cases WHERE is_open = 1 AND sort_key >= 5 ORDER BY sort_key, number LIMIT 3) AS band",
            "cases_by_rank",
        ),
        (
            "SELECT number FROM cases WHERE is_open = 1 AND country = 'VE' AND sort_key >= 5 ORDER BY sort_key, number LIMIT 50",
            "cases_by_country_and_rank",
        ),
        (
            "SELECT number FROM cases WHERE status = 'new' AND sort_key < 5 ORDER BY sort_key, number LIMIT 50",
            "cases_by_status_and_rank",
        ),
        (
            "SELECT number FROM cases WHERE alarm_utc_s <= 5 ORDER BY alarm_utc_s LIMIT 100",
            "cases_by_alarm",
        ),
        ("SELECT MIN(alarm_utc_s) FROM cases WHERE alarm_utc_s > 5", "cases_by_alarm"),
        (
            "SELECT number FROM cases WHERE holder_id = 7 AND is_open = 1 AND sort_key < 5 ORDER BY sort_key, number LIMIT 50",
            "cases_by_holder_and_rank",
        ),
        (
            "SELECT number FROM cases WHERE holder_id = 7 AND status = 'new' AND sort_key < 5 ORDER BY sort_key, number LIMIT 50",
            "cases_by_holder_status_and_rank",
        ),
        ("SELECT number FROM cases WHERE seq > 5 AND seq <= 9 ORDER BY seq LIMIT 200", "cases_by_seq"),
        (
            "SELECT number FROM cases WHERE seq > 5 AND seq <= 9 AND CAST(country AS TEXT) = 'VE' ORDER BY seq LIMIT 200",
            "cases_by_seq",
        ),
        (
            "SELECT number FROM cases WHERE serial = 'X' AND is_open = 1 ORDER BY number LIMIT 1",
            "cases_by_serial",
        ),
        (
            "SELECT id FROM outbox WHERE state = 'sent' ORDER BY next_attempt_utc_s DESC, id DESC LIMIT 50",
            "outbox_by_next_attempt",
        ),
        ("SELECT id FROM outbox WHERE case_number = 'N7' ORDER BY id", "outbox_by_case"),
        ("SELECT COUNT(*) AS number, MIN(id) AS id FROM outbox WHERE state = 'queued'", "outbox_by_next_attempt"),
        (
            "SELECT next_attempt_utc_s FROM outbox WHERE mailbox = 'a7' ORDER BY next_attempt_utc_s DESC LIMIT 1 OFFSET 2",
            "outbox_by_mailbox",
        ),
        (
            "SELECT created_utc_s FROM outbox WHERE sender = 's7' ORDER BY created_utc_s DESC LIMIT 1 OFFSET 19",
            "outbox_by_sender",
        ),
        ("DELETE FROM known_browsers WHERE seen_utc_s <= 5", "known_browsers_by_use"),
        (
            "DELETE FROM known_browsers WHERE person_id = 5",
            "known_browsers_by_person",
        ),
        ("SELECT MIN(turn_utc_s) FROM warnings", "warnings_by_turn"),
        ("SELECT case_number, clock, cycle, level FROM warnings WHERE turn_utc_s <= 5", "warnings_by_turn"),
        (
            "SELECT number FROM cases WHERE number IN (SELECT case_number FROM warnings WHERE turn_utc_s <= 5)",
            "warnings_by_turn",
        ),
        (
            "SELECT case_number FROM pause_overlaps WHERE month BETWEEN '2026-02' AND '2026-03'
             ORDER BY month DESC, answered_utc_s DESC, case_number DESC, version DESC LIMIT 50",
            "pause_overlaps_by_month",
        ),
        (
            "SELECT case_number FROM pause_overlaps WHERE reason = 'customer' AND month BETWEEN '2026-02' AND '2026-03'
             ORDER BY month DESC, answered_utc_s DESC, case_number DESC, version DESC LIMIT 50",
            "pause_overlaps_by_reason",
        ),
        (
            "SELECT case_number FROM surveys WHERE state = 'open' ORDER BY turn_utc_s, case_number LIMIT 50",
            "surveys_by_turn",
        ),
        (
            "SELECT s.case_number FROM surveys s WHERE s.follow_up = 'open'
                 AND NOT EXISTS (SELECT 1 FROM erasures e WHERE e.case_number = s.case_number)
             ORDER BY s.ended_utc_s, s.case_number LIMIT 50",
            "surveys_by_follow_up",
        ),
        ("SELECT COUNT(*) FROM surveys WHERE month BETWEEN '2025-02' AND '2025-02'", "surveys_by_month"),
        (
            "SELECT case_number FROM visits WHERE from_utc_s >= 5 AND from_utc_s < 9 ORDER BY from_utc_s, case_number",
            "visits_by_window",
        ),
        (
            "SELECT case_number FROM visits
             WHERE technician_id = 7 AND held_to_utc_s > 99000 AND held_from_utc_s < 99500",
            "visits_by_technician_held",
        ),
        (
            "SELECT case_number FROM visits WHERE held_to_utc_s > 99000 ORDER BY held_to_utc_s LIMIT 2000",
            "visits_by_held",
        ),];

async fn page_queries_are_served_by_indexes(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let mut connection = explain::at_work(&test).await;
    for (sql, index) in QUERIES {
        explain::is_served_by(&mut connection, engine, sql, index).await;
    }
    let by_key = match engine {
        Engine::Sqlite => "sqlite_autoindex_cases_2",
        Engine::Postgres => "cases_submission_key_key",
    };
    let sql = "SELECT number FROM cases WHERE submission_key = 'K7'";
    explain::is_served_by(&mut connection, engine, sql, by_key).await;
}
