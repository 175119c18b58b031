//! Webhooks of Prometheus Alertmanager. Grafana sends the same with more members, and another number for the version.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::{Deserializer, Error};

use super::{ALERTS_MAX, Alert, AlertState, Alerts, MessageProblem, detail, fingerprint, title};

/// The versions that are read: the one of Alertmanager, and the one of Grafana.
pub const ALERTMANAGER_VERSIONS: [&str; 2] = ["4", "1"];

/// A message about a group of alerts. Members that are not read may be there or not.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlertmanagerMessage {
    version: String,
    #[serde(default)]
    group_key: String,
    /// Whether `max_alerts` of the sender left alerts out.
    #[serde(default, deserialize_with = "are_some")]
    truncated_alerts: bool,
    alerts: Vec<AlertmanagerAlert>,
}

/// Whether a count is more than none. JSON has one kind of number: `7.0` is whole as well, and any size may come.
fn are_some<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let count = f64::deserialize(deserializer)?;
    if count < 0.0 || count.fract() != 0.0 {
        return Err(D::Error::custom(format_args!("{count} is no count")));
    }
    Ok(count > 0.0)
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AlertmanagerAlert {
    status: String,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
    #[serde(default)]
    fingerprint: String,
    #[serde(default)]
    starts_at: String,
    #[serde(default)]
    ends_at: String,
}

impl AlertmanagerMessage {
    /// The alerts of the message.
    ///
    /// # Errors
    /// See [`MessageProblem`].
    pub fn alerts(&self) -> Result<Alerts, MessageProblem> {
        if !ALERTMANAGER_VERSIONS.contains(&self.version.as_str()) {
            return Err(MessageProblem::Version);
        }
        if self.alerts.len() > ALERTS_MAX {
            return Err(MessageProblem::TooMany);
        }
        let all = self.alerts.iter().enumerate().map(|(nth, alert)| alert.read(nth));
        // Its characters are those of labels, of which any are possible.
        let group = self.group_key.chars().filter(char::is_ascii_graphic).take(100).collect::<String>();
        let truncated = self.truncated_alerts.then(|| format!("truncated:{group}"));
        Ok(Alerts { all: all.collect::<Result<_, _>>()?, truncated })
    }
}

impl AlertmanagerAlert {
    fn read(&self, nth: usize) -> Result<Alert, MessageProblem> {
        let label = |name: &str| self.labels.get(name).map(String::as_str).unwrap_or_default();
        let note = |name: &str| self.annotations.get(name).map(String::as_str).unwrap_or_default();
        let state = AlertState::from_code(&self.status).ok_or(MessageProblem::State(nth))?;
        let named = [note("summary"), label("alertname")].into_iter().find(|words| !words.trim().is_empty());
        let host = [label("host"), label("instance")].into_iter().find(|host| !host.trim().is_empty());
        let ends = Some(self.ends_at.as_str()).filter(|_| state == AlertState::Resolved).unwrap_or_default();
        let details = [note("description"), self.starts_at.as_str(), ends];
        let details: Vec<&str> = details.into_iter().filter(|words| !words.trim().is_empty()).collect();
        Ok(Alert {
            fingerprint: fingerprint(&self.fingerprint).ok_or(MessageProblem::Fingerprint(nth))?,
            begun: title(&self.starts_at),
            state,
            title: title(named.unwrap_or(&self.fingerprint)),
            detail: detail(&details.join("\n")),
            host: title(host.unwrap_or_default()),
            serial: title(label("serial")),
            severity: title(label("severity")),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// A message in the shape of the documentation, with two alerts.
    fn message() -> Value {
        let alert = |status: &str, fingerprint: &str, ends: &str| {
            json!({
                "status": status,
                "labels": {
                    "alertname": "ProbeFailure", "instance": "sw-12.example:9100", "job": "probes",
                    "severity": "critical", "serial": "FOC2614A1B2",
                },
                "annotations": { "summary": "Switch down", "description": "No answer for 5m." },
                "startsAt": "2026-11-23T13:08:45.828Z",
                "endsAt": ends,
                "generatorURL": "http://prometheus.example:9090/graph?g0.expr=up",
                "fingerprint": fingerprint,
            })
        };
        json!({
            "receiver": "vigia",
            "status": "firing",
            "alerts": [
                alert("firing", "1a30ba71cca2921f", "0001-01-01T00:00:00Z"),
                alert("resolved", "c6eadffa33fcdf37", "2026-11-23T13:20:00Z"),
            ],
            "groupLabels": { "alertname": "ProbeFailure" },
            "commonLabels": {},
            "commonAnnotations": {},
            "externalURL": "http://alertmanager.example:9093",
            "version": "4",
            "groupKey": "{}:{alertname=\"ProbeFailure\"}",
            "truncatedAlerts": 0,
        })
    }

    fn read(message: Value) -> Result<Alerts, MessageProblem> {
        serde_json::from_value::<AlertmanagerMessage>(message).unwrap().alerts()
    }

    #[test]
    fn alerts_have_state_host_serial_and_severity_of_their_labels() {
        let Alerts { all, truncated } = read(message()).unwrap();
        assert_eq!((all.len(), truncated), (2, None));
        let [firing, resolved] = &all[..] else { panic!("two") };
        assert_eq!((firing.state, resolved.state), (AlertState::Firing, AlertState::Resolved));
        assert_eq!(firing.fingerprint, "1a30ba71cca2921f");
        assert_eq!((firing.title.as_str(), firing.severity.as_str()), ("Switch down", "critical"));
        assert_eq!((firing.host.as_str(), firing.serial.as_str()), ("sw-12.example:9100", "FOC2614A1B2"));
        assert!(!firing.detail.contains("0001-01-01") && resolved.detail.contains("13:20:00Z"));
    }

    #[test]
    fn message_of_grafana_is_read_too() {
        let mut grafana = message();
        grafana["version"] = "1".into();
        grafana["orgId"] = 1.into();
        grafana["state"] = "alerting".into();
        grafana["alerts"][0]["values"] = json!({ "B": 44.2 });
        assert_eq!(read(grafana), read(message()));
    }

    #[test]
    fn what_is_no_message_is_refused_and_what_was_left_out_is_known() {
        let with = |change: fn(&mut Value)| {
            let mut changed = message();
            change(&mut changed);
            read(changed)
        };
        assert_eq!(with(|all| all["version"] = "5".into()), Err(MessageProblem::Version));
        assert_eq!(with(|all| all["alerts"][1]["status"] = "maybe".into()), Err(MessageProblem::State(1)));
        for wrong in ["", "  ", "a b", "ñ"] {
            let mut changed = message();
            changed["alerts"][0]["fingerprint"] = wrong.into();
            assert_eq!(read(changed), Err(MessageProblem::Fingerprint(0)), "{wrong:?}");
        }
        let cut = with(|all| all["truncatedAlerts"] = 3.into()).unwrap();
        assert_eq!(cut.truncated.as_deref(), Some("truncated:{}:{alertname=\"ProbeFailure\"}"));
        let crowd = with(|all| {
            let one = all["alerts"][0].clone();
            all["alerts"] = vec![one; ALERTS_MAX + 1].into();
        });
        assert_eq!(crowd, Err(MessageProblem::TooMany));
    }

    #[test]
    fn count_of_what_was_left_out_is_any_whole_number() {
        let truncated = |count: Value| {
            let mut message = message();
            message["truncatedAlerts"] = count;
            serde_json::from_value::<AlertmanagerMessage>(message).ok().map(|read| read.truncated_alerts)
        };
        for (count, told) in [
            (json!(0), Some(false)),
            (json!(7), Some(true)),
            (json!(7.0), Some(true)),
            (json!(1e30), Some(true)),
            (json!(-1), None),
            (json!(0.5), None),
            (json!("7"), None),
            (Value::Null, None),
        ] {
            assert_eq!(truncated(count.clone()), told, "{count}");
        }
    }

    #[test]
    fn hostile_words_are_legible_and_cut() {
        let mut long = message();
        long["alerts"][0]["annotations"] = json!({ "summary": format!("\u{1b}[31m{}", "x ".repeat(5000)), "description": "y".repeat(100_000) });
        let alert = &read(long).unwrap().all[0];
        assert!(!alert.title.contains('\u{1b}') && alert.title.chars().count() <= 201);
        assert_eq!(alert.detail.chars().count(), 2000);
    }
}
