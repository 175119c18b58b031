//! Results of searches: cases and register entries.

use domain::call::{CallDirection, CallNotice, CallState, Caller};
use domain::case::Status;
use domain::country::Country;
use domain::priority::Priority;
use domain::search::{
    CustomerCard, Force, Found, FoundCase, FoundContract, FoundCustomer, FoundEquipment, FoundRegister,
    FoundSite, KnownContact, LookedUp,
};

use super::samples::*;
use super::{Golden, golden};

pub(super) fn goldens() -> Vec<Golden> {
    let found =
        vec![Found::Nothing, Found::Case(number()), Found::Cases(vec![case()]), Found::Many(vec![case()])];
    let looked_up = |card| LookedUp { cases: Found::Nothing, register: register(), card };
    vec![
        golden!("found", Found { Nothing, Case, Cases, Many }, found),
        golden!("found_case", FoundCase, [case()]),
        golden!("found_customer", FoundCustomer, [customer()]),
        golden!("found_contract", FoundContract, [contract_found()]),
        golden!("contract_force", Force { InForce, NotYet, Over }),
        golden!("found_site", FoundSite, [site_found()]),
        golden!("found_equipment", FoundEquipment, [equipment()]),
        golden!("found_register", FoundRegister, [register()]),
        golden!("looked_up", LookedUp, [looked_up(Some(card())), looked_up(None)]),
        golden!("known_contact", KnownContact, [person_known()]),
        golden!("customer_card", CustomerCard, [card()]),
        golden!("call_state", CallState { Ringing, Answered, Ended }),
        golden!("call_direction", CallDirection { Incoming, Outgoing }),
        golden!("call_notice", CallNotice, [call()]),
        golden!("caller", Caller, [caller()]),
    ]
}

fn call() -> CallNotice {
    CallNotice {
        id: 7,
        state: CallState::Answered,
        direction: CallDirection::Incoming,
        number: "+58 414 555 0142".into(),
        line: "0800 2776390".into(),
        began: at(0),
    }
}

fn caller() -> Caller {
    Caller {
        call: call(),
        phone: Some(contact().phone),
        contact: Some(person_known()),
        tied: Some(number()),
        found: LookedUp { cases: Found::Nothing, register: register(), card: None },
        logged: Some(number()),
    }
}

fn case() -> FoundCase {
    FoundCase {
        number: number(),
        status: Status::OnHold,
        priority: Priority::P2,
        customer: "Banco del Sur".into(),
        contact: contact(),
        equipment: "Cisco Catalyst 9300".into(),
        opened_at: at(0),
        zone: zone_view(),
    }
}

fn customer() -> FoundCustomer {
    FoundCustomer { id: 3, name: "Banco del Sur".into(), country: Country::Ve }
}

fn contract_found() -> FoundContract {
    FoundContract {
        number: "CT-0012-0007".into(),
        customer: customer(),
        from: "2026-01-01".parse().unwrap(),
        to: "2026-12-31".parse().unwrap(),
        plan: "Estándar".into(),
        force: Force::InForce,
    }
}

fn site_found() -> FoundSite {
    FoundSite { name: "Sede Centro".into(), address: "Av. Bolívar 12, Caracas".into(), customer: customer() }
}

fn equipment() -> FoundEquipment {
    FoundEquipment { serial: "FOC0913A1B2".into(), registered: registered() }
}

fn register() -> FoundRegister {
    FoundRegister {
        customers: vec![customer()],
        contracts: vec![contract_found()],
        sites: vec![site_found()],
        equipment: vec![equipment()],
    }
}

fn person_known() -> KnownContact {
    KnownContact { contact: contact(), case: number() }
}

fn card() -> CustomerCard {
    CustomerCard {
        customer: customer(),
        contracts: vec![contract_found()],
        equipment: vec![equipment()],
        more_equipment: true,
        people: vec![person_known()],
        open: super::queues::snapshot(),
    }
}
