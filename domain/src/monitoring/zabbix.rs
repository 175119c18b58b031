//! Messages of the media type for Zabbix that `docs/monitoring.md` gives.

use serde::Deserialize;

use super::{Alert, AlertState, Alerts, MessageProblem, detail, fingerprint, title};

/// The version of the script's messages that is read.
const VERSION: u32 = 1;

/// A message about one event. Values are those of macros: one that Zabbix does not know stays as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ZabbixMessage {
    version: u32,
    /// `{EVENT.ID}`: the problem, also when it recovers.
    event_id: String,
    /// `{TRIGGER.ID}`: the same each time that it fires.
    trigger_id: String,
    /// `{EVENT.VALUE}`: 1 for a problem, 0 for its recovery.
    value: String,
    /// `{EVENT.NAME}`.
    name: String,
    /// `{HOST.HOST}`.
    #[serde(default)]
    host: String,
    /// `{EVENT.SEVERITY}`.
    #[serde(default)]
    severity: String,
    /// `{EVENT.TAGS.serial}`.
    #[serde(default)]
    serial: String,
    /// `{EVENT.OPDATA}`.
    #[serde(default)]
    detail: String,
}

/// The value of a macro; empty when Zabbix did not know it.
fn known(value: &str) -> &str {
    let value = value.trim();
    let is_unknown = value == "*UNKNOWN*" || (value.starts_with('{') && value.ends_with('}'));
    if is_unknown { "" } else { value }
}

impl ZabbixMessage {
    /// The alert of the message.
    ///
    /// # Errors
    /// See [`MessageProblem`].
    pub fn alerts(&self) -> Result<Alerts, MessageProblem> {
        if self.version != VERSION {
            return Err(MessageProblem::Version);
        }
        let state = match self.value.trim() {
            "1" => AlertState::Firing,
            "0" => AlertState::Resolved,
            _ => return Err(MessageProblem::State(0)),
        };
        let trigger = fingerprint(known(&self.trigger_id)).ok_or(MessageProblem::Fingerprint(0))?;
        let event = known(&self.event_id);
        let event = if event.is_empty() { String::new() } else { format!("Zabbix {event}") };
        let name = Some(known(&self.name)).filter(|name| !name.is_empty()).unwrap_or(&trigger);
        let alert = Alert {
            begun: title(known(&self.event_id)),
            state,
            title: title(name),
            detail: detail(&[known(&self.detail), event.as_str()].join("\n")),
            host: title(known(&self.host)),
            serial: title(known(&self.serial)),
            severity: title(known(&self.severity)),
            fingerprint: trigger,
        };
        Ok(Alerts { all: vec![alert], truncated: None })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn message() -> Value {
        json!({
            "version": 1, "event_id": "90211", "trigger_id": "13926", "value": "1",
            "name": "Unavailable by ICMP ping", "host": "sw-12", "severity": "High",
            "serial": "FOC2614A1B2", "detail": "0 of 3",
        })
    }

    fn read(message: Value) -> Result<Alert, MessageProblem> {
        let read = serde_json::from_value::<ZabbixMessage>(message).unwrap().alerts();
        read.map(|alerts| alerts.all.into_iter().next().unwrap())
    }

    #[test]
    fn problem_and_its_recovery_are_one_alert() {
        let firing = read(message()).unwrap();
        let mut over = message();
        over["value"] = "0".into();
        let resolved = read(over).unwrap();
        assert_eq!((firing.state, resolved.state), (AlertState::Firing, AlertState::Resolved));
        assert_eq!((firing.fingerprint.as_str(), resolved.fingerprint.as_str()), ("13926", "13926"));
        assert_eq!((firing.title.as_str(), firing.host.as_str()), ("Unavailable by ICMP ping", "sw-12"));
        assert_eq!((firing.serial.as_str(), firing.severity.as_str()), ("FOC2614A1B2", "High"));
        assert_eq!(firing.detail, "0 of 3\nZabbix 90211");
    }

    #[test]
    fn macro_that_zabbix_does_not_know_is_no_value() {
        for unknown in ["{EVENT.TAGS.serial}", "*UNKNOWN*", ""] {
            let mut sent = message();
            sent["serial"] = unknown.into();
            assert_eq!(read(sent).unwrap().serial, "", "{unknown}");
        }
        let mut sent = message();
        sent["trigger_id"] = "{TRIGGER.ID}".into();
        assert_eq!(read(sent), Err(MessageProblem::Fingerprint(0)));
        let mut sent = message();
        sent["value"] = "{EVENT.VALUE}".into();
        assert_eq!(read(sent), Err(MessageProblem::State(0)));
        let mut sent = message();
        sent["version"] = 2.into();
        assert_eq!(read(sent), Err(MessageProblem::Version));
    }
}
