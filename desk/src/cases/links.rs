//! Linked cases: the register's answer about the other case, and the links that a reader sees.

use domain::case::{Case, LinkKind, Organisation, Other, Status};
use domain::case_number::CaseNumber;
use domain::view::LinkView;
use sqlx::{AnyConnection, Row};

use crate::Desk;
use crate::outbox::link_of_same_contact;
use crate::reach::Reach;
use crate::store::{StoreError, Tx};

/// Reader of a case's links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Viewer {
    /// A member of the staff, who sees the linked cases within reach.
    Staff,
    /// The holder of the case's link.
    Customer,
}

/// Status and organisation of a linked case.
struct LinkedCase {
    status: Status,
    contract: String,
    /// `None` when the contract is not registered.
    organisation: Option<i64>,
}

async fn known(connection: &mut AnyConnection, number: CaseNumber) -> Result<Option<LinkedCase>, StoreError> {
    let row = sqlx::query(
        "SELECT cases.status, cases.contract_number, contracts.organisation_id
         FROM cases LEFT JOIN contracts ON contracts.number = cases.contract_number
         WHERE cases.number = $1",
    )
    .bind(number.as_compact())
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let status: String = row.try_get(0)?;
    let status = Status::from_code(&status);
    Ok(Some(LinkedCase {
        status: status.ok_or_else(|| StoreError::inconsistent("cases", format!("{number}: status")))?,
        contract: row.try_get(1)?,
        organisation: row.try_get(2)?,
    }))
}

/// The register's answer about `other`, seen from `own`.
pub(crate) async fn look_up(tx: &mut Tx, own: CaseNumber, other: CaseNumber) -> Result<Other, StoreError> {
    let (Some(own), Some(other)) = (known(tx.connection(), own).await?, known(tx.connection(), other).await?)
    else {
        return Ok(Other::Missing);
    };
    let organisation = match (own.organisation, other.organisation) {
        // A contract belongs to one organisation, registered or not.
        _ if own.contract == other.contract && !own.contract.is_empty() => Organisation::Same,
        (Some(ours), Some(theirs)) if ours == theirs => Organisation::Same,
        (Some(_), Some(_)) => Organisation::Another,
        _ => Organisation::Unknown,
    };
    Ok(Other::Found { organisation, status: other.status })
}

/// Whether a case of that number exists.
pub(crate) async fn exists(connection: &mut AnyConnection, number: CaseNumber) -> Result<bool, StoreError> {
    Ok(known(connection, number).await?.is_some())
}

/// The links of a case that its reader may see.
///
/// The staff sees all links, but for those with cases out of reach.
///
/// A customer sees the number of the case that theirs follows or duplicates, because their
/// own mails name it. A following case is shown without its number, and duplicates and related cases are hidden: they
/// may belong to strangers. A link leads only to a case that the reader came from.
pub(crate) async fn seen(
    desk: &Desk,
    connection: &mut AnyConnection,
    case: &Case,
    reader: Viewer,
    reach: &Reach,
) -> Result<Vec<LinkView>, StoreError> {
    let mut seen = Vec::new();
    for link in case.links() {
        if reader == Viewer::Staff && !reach.holds(connection, link.other).await? {
            continue;
        }
        let told = LinkView { kind: link.kind, at: link.at, number: None, status: None, tracking: None };
        match (reader, link.kind) {
            (Viewer::Staff, _) => {
                let status = known(connection, link.other).await?.map(|known| known.status);
                seen.push(LinkView { number: Some(link.other), status, ..told });
            }
            (Viewer::Customer, LinkKind::Follows) => {
                let tracking = link_of_same_contact(desk, connection, case, link.other).await?;
                seen.push(LinkView { number: Some(link.other), tracking, ..told });
            }
            (Viewer::Customer, LinkKind::DuplicateOf) => {
                seen.push(LinkView { number: Some(link.other), ..told });
            }
            (Viewer::Customer, LinkKind::FollowedBy) => seen.push(told),
            (Viewer::Customer, LinkKind::HasDuplicate | LinkKind::Related) => {}
        }
    }
    Ok(seen)
}
