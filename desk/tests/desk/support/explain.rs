//! Query plans of an engine.
//!
//! `SQLite` plans by the schema alone. `PostgreSQL` also considers the rows, and scans small tables whatever their
//! indexes. So its tables are first filled with varied rows and analysed (`ANALYZE`). With `enable_seqscan` off
//! instead, a plan would show that an index can serve a query, not that it does.

use sqlx::{AnyConnection, AssertSqlSafe, Executor, Row};

use desk::store::Engine;

use super::TestDesk;

/// A year's rows of a desk, for `PostgreSQL`'s planner.
const ROWS: [&str; 32] = [
    "INSERT INTO cases (number, version, seq, submission_key, country, status, priority, coverage, customer, platform,
                        equipment, contract_number, serial, opened_utc_s, calendar_id, calendar_version, zone, clocks,
                        is_open, due_utc_s, alarm_utc_s, holder_id, holder_name, sort_key)
     SELECT 'N' || n, 1, n, 'K' || n, (ARRAY['VE', 'CO', 'MX'])[1 + n % 3],
            (ARRAY['new', 'in_progress', 'on_hold', 'resolved', 'closed'])[1 + n % 5], 'P1', 'covered', '', 'network',
            '', 'C', 'S' || n, n, 1, 1, 'America/Caracas', '[]', CASE WHEN n % 10 = 0 THEN 1 ELSE 0 END,
            n * 7919 % 100003, CASE WHEN n % 10 = 0 THEN n END, n % 211, '', n * 7907 % 100003
     FROM generate_series(1, 20000) AS n",
    "INSERT INTO case_events (seq, case_number, version, at_utc_s, kind, document)
     SELECT n, 'N' || n / 5, 1 + n % 5, n,
            (ARRAY['opened', 'contacted', 'warned', 'visit:agreed', 'revision:amended'])[1 + n % 5], '{}'
     FROM generate_series(1, 40000) AS n",
    "INSERT INTO outbox (id, message_id, case_number, kind, language, recipient_name, recipient, subject, body_text,
                         body_html, state, attempts, created_utc_s, next_attempt_utc_s, leased_until_utc_s, mailbox, sender)
     SELECT n, 'M' || n, 'N' || n % 9973, (ARRAY['opening', 'news', 'warning'])[1 + n % 3], 'es', '', 'a' || n % 997, '',
            '', '', CASE WHEN n % 100 = 0 THEN 'queued' WHEN n % 100 = 1 THEN 'dead' ELSE 'sent' END, 1, n,
            n * 7919 % 100003, 0, CASE WHEN n % 10 = 0 THEN 'a' || n % 997 END,
            CASE WHEN n % 10 = 0 THEN 's' || n % 499 END
     FROM generate_series(1, 40000) AS n",
    "INSERT INTO register_terms (kind, term, entity)
     SELECT 'equipment', convert_to('t' || n % 997, 'UTF8'), 'S' || n / 10 FROM generate_series(1, 40000) AS n",
    "INSERT INTO people (id, name, mail, role, password_hash, language, active)
     SELECT n, 'N', 'm' || n, 'agent', '', 'es', 1 FROM generate_series(1, 200) AS n",
    "INSERT INTO known_browsers (token_hash, person_id, seen_utc_s)
     SELECT 'T' || n, 1 + n % 200, n * 7919 % 100003 FROM generate_series(1, 20000) AS n",
    "INSERT INTO passkeys (credential_id, person_id, handle, rp_id, name, credential, added_utc_s)
     SELECT 'C' || n, 1 + n % 200, '', '', '', '', n * 7919 % 100003 FROM generate_series(1, 5000) AS n",
    "INSERT INTO passkey_challenges (token_hash, person_id, state, expires_utc_s)
     SELECT 'T' || n, 1 + n % 200, '', n * 7919 % 100003 FROM generate_series(1, 5000) AS n",
    "INSERT INTO person_identities (provider_id, subject, person_id, linked_utc_s)
     SELECT n / 200, 'S' || n, 1 + n % 200, n FROM generate_series(1, 5000) AS n",
    "INSERT INTO identity_requests (state_hash, browser_hash, provider_id, nonce, verifier, metadata, purpose, next, begun_utc_s,
                                    expires_utc_s)
     SELECT 'S' || n, '', 1, '', '', '', '', '', n, n * 7919 % 100003 FROM generate_series(1, 5000) AS n",
    "INSERT INTO logout_tokens (token_hash, expires_utc_s)
     SELECT 'T' || n, n * 7919 % 100003 FROM generate_series(1, 5000) AS n",
    "INSERT INTO trusted_devices (token_hash, person_id, device, network, since_utc_s, until_utc_s)
     SELECT 'T' || n, 1 + n % 200, '', '', n, n * 7919 % 100003 FROM generate_series(1, 5000) AS n",
    "INSERT INTO participants (case_number, id, name, address)
     SELECT 'N' || n, 1, '', 'a' || n % 997 FROM generate_series(1, 5000) AS n",
    "INSERT INTO warnings (case_number, clock, cycle, level, turn_utc_s)
     SELECT 'N' || n, 'attention', 1, 50, n FROM generate_series(1, 5000) AS n",
    "INSERT INTO pause_overlaps (case_number, version, reason, set_by, from_utc_s, answered_utc_s, answer, to_utc_s, month)
     SELECT 'N' || n, 3, (ARRAY['customer', 'spare_part', 'third_party'])[1 + n % 3], '', n, n * 7919 % 100003, 'contact',
            n + 10, '2026-' || lpad((1 + n % 12)::text, 2, '0')
     FROM generate_series(1, 20000) AS n",
    "INSERT INTO surveys (case_number, cycle, state, country, plan, agent, since_utc_s, month, turn_utc_s, attempts, comment,
                          follow_up, ended_utc_s)
     SELECT 'N' || n, 1, CASE WHEN n % 50 = 0 THEN 'open' ELSE 'answered' END, 'VE', '', '', n,
            '20' || lpad((10 + n % 17)::text, 2, '0') || '-' || lpad((1 + n % 12)::text, 2, '0'), n * 7919 % 100003, 0, '',
            CASE WHEN n % 50 = 1 THEN 'open' ELSE 'none' END, n * 7907 % 100003
     FROM generate_series(1, 20000) AS n",
    "INSERT INTO promises (case_number, clock, cycle, outcome, settled_utc_s, day, country, priority, target_s, used_s)
     SELECT 'N' || n, (ARRAY['attention', 'update', 'resolution'])[1 + n % 3], 1,
            CASE WHEN n % 10 = 0 THEN 'missed' ELSE 'kept' END, n,
            '20' || lpad((10 + n % 17)::text, 2, '0') || '-' || lpad((1 + n % 12)::text, 2, '0') || '-15', 'VE', 'P2', 600,
            n % 997
     FROM generate_series(1, 20000) AS n",
    "INSERT INTO milestones (case_number, version, step, day, country, priority, category, cause)
     SELECT 'N' || n, 3, CASE WHEN n % 5 = 0 THEN 'reopened' ELSE 'resolved' END,
            '20' || lpad((10 + n % 17)::text, 2, '0') || '-' || lpad((1 + n % 12)::text, 2, '0') || '-15', 'VE', 'P2', 'c' || n % 7,
            'x' || n % 47
     FROM generate_series(1, 20000) AS n",
    "INSERT INTO visits (case_number, visit, technician_id, stage, from_utc_s, to_utc_s, held_from_utc_s, held_to_utc_s)
     SELECT 'N' || n, 1, n % 97, 'agreed', n * 7919 % 100003, n * 7919 % 100003 + 10,
            CASE WHEN n % 10 = 0 THEN n * 7919 % 100003 END, CASE WHEN n % 10 = 0 THEN n * 7919 % 100003 + 10 END
     FROM generate_series(1, 20000) AS n",
    "INSERT INTO displays (id, name, token_hash, created_utc_s)
     SELECT 1000 + n, 'Sala', 'T' || n, n FROM generate_series(1, 5000) AS n",
    "INSERT INTO absences (id, person_id, kind, from_day, to_day, note, recorded_at_utc_s)
     SELECT n, 1 + n % 200, 'leave', '2026-01-01',
            '20' || lpad((10 + n % 17)::text, 2, '0') || '-' || lpad((1 + n % 12)::text, 2, '0') || '-15', '', n
     FROM generate_series(1, 20000) AS n",
    "INSERT INTO waiting_screens (screen_hash, code_hash, expires_utc_s)
     SELECT 'S' || n, 'C' || n, n FROM generate_series(1, 5000) AS n",
    "INSERT INTO inbound_mails (id, digest, received_utc_s, kind, state, case_number, sender, sender_name, subject, body, content)
     SELECT n, 'D' || n, n, 'person', CASE WHEN n % 100 = 0 THEN 'waiting' ELSE 'joined' END, 'N' || n % 9973, 'a', '', '', '', ''
     FROM generate_series(1, 20000) AS n",
    "INSERT INTO webhook_deliveries (id, webhook_id, seq, case_number, version, event, state, created_utc_s, next_attempt_utc_s,
                                     ended_utc_s)
     SELECT 'msg_' || n, n % 20, n, 'N' || n % 9973, 1, 'opened',
            CASE WHEN n % 100 = 0 THEN 'queued' WHEN n % 100 = 1 THEN 'dead' ELSE 'delivered' END, n, n * 7919 % 100003,
            CASE WHEN n % 100 > 0 THEN n END
     FROM generate_series(1, 40000) AS n",
    "INSERT INTO whatsapp_conversations (case_number, number_id, phone, wa_id, wrote_utc_s)
     SELECT 'N' || n, n % 3, '+58' || n % 9973, '58' || n % 9973, n FROM generate_series(1, 20000) AS n",
    "INSERT INTO whatsapp_messages (id, number_id, case_number, version, delivery_id, message_id, changed_utc_s)
     SELECT n, n % 3, 'N' || n / 4, n % 4, 'msg_' || n, 'wamid.' || n, n FROM generate_series(1, 20000) AS n",
    "INSERT INTO alerts (integration_id, fingerprint, title, host, serial, state, case_number, opened_utc_s, seen_utc_s, times)
     SELECT n % 400, 'F' || n, '', '', '', 'firing', 'N' || n % 9973, n, n, 1 FROM generate_series(1, 20000) AS n",
    "INSERT INTO alert_openings (integration_id, submission, at_utc_s)
     SELECT n % 400, 'S' || n, n FROM generate_series(1, 20000) AS n",
    "INSERT INTO webhook_changes (id, webhook_id, at_utc_s, changed_by, setting, value_before, value_after)
     SELECT n, n % 20, n, '{}', 'name', '', '' FROM generate_series(1, 5000) AS n",
    "INSERT INTO message_files (case_number, version, place, file_id, name, kind, bytes, hash, content)
     SELECT 'N' || n / 2, 3, n % 2, 'F' || n, '', 'pdf', 1, '', '' FROM generate_series(1, 20000) AS n",
    "INSERT INTO calls (id, integration_id, call_id, person_id, direction, number, written, line, rang_utc_s, reported_utc_s)
     SELECT n, n % 3, 'C' || n, 1 + n % 200, 'incoming', '+58N' || n % 9973, '', '', n, n FROM generate_series(1, 20000) AS n",
    "INSERT INTO audit_log (id, at_utc_s, kind, country, words, network, network_salt, network_digest, document, digest)
     SELECT 1000 + n, n, CASE WHEN n % 100 = 0 THEN 'exported' WHEN n % 10 = 0 THEN 'sealed' ELSE 'searched' END, '', '',
            CASE WHEN n > 39000 THEN '203.0.113.9' ELSE '' END, '', '', '{}', ''
     FROM generate_series(1, 40000) AS n",
];

/// A few rows are gathered by a bitmap and sorted, which hides whether an index gives the order. With many rows of a
/// kind the index must.
const IN_ORDER: &str = "SET enable_bitmapscan = off";

/// A connection to a database with the query plans of one in use.
pub async fn at_work(test: &TestDesk) -> AnyConnection {
    let mut connection = test.connection().await;
    if test.desk.store().engine() == Engine::Postgres {
        for sql in ROWS.into_iter().chain(["ANALYZE", IN_ORDER]) {
            connection.execute(sql).await.unwrap();
        }
    }
    connection
}

/// Asserts that an index answers a query without a sort. A query for one row at most may sort it.
pub async fn is_served_by(connection: &mut AnyConnection, engine: Engine, sql: &str, index: &str) {
    let (explain, column, sorting) = match engine {
        Engine::Sqlite => ("EXPLAIN QUERY PLAN", "detail", "TEMP B-TREE"),
        Engine::Postgres => ("EXPLAIN", "QUERY PLAN", "Sort Key"),
    };
    let rows = sqlx::query(AssertSqlSafe(format!("{explain} {sql}"))).fetch_all(connection).await.unwrap();
    let plan: Vec<String> = rows.into_iter().map(|row| row.get(column)).collect();
    let plan = plan.join("; ");
    assert!(plan.contains(index), "{sql}: {plan}");
    let sorts = plan.contains(sorting) && !sql.ends_with("LIMIT 1");
    assert!(!sorts, "{sql}: {plan}");
}
