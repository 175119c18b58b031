//! The structure tree of a document for assistive technology (ISO 32000-1, 14.7 and 14.8).

use std::collections::BTreeMap;

use pdf_writer::types::{StructRole, TableHeaderScope};
use pdf_writer::writers::StructTreeRoot;
use pdf_writer::{Finish, Pdf, Ref};

use super::Refs;
use super::layout::Page;

/// A part of a document, by its index in reading order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PartId(usize);

/// A part with its role and parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    role: StructRole,
    within: Option<PartId>,
}

/// All parts of a document; the first is the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parts(Vec<Part>);

impl Parts {
    pub(super) const WHOLE: PartId = PartId(0);

    pub(super) fn new() -> Self {
        Self(vec![Part { role: StructRole::Document, within: None }])
    }

    /// Adds a part to another, as its last child.
    pub(super) fn add(&mut self, role: StructRole, within: PartId) -> PartId {
        self.0.push(Part { role, within: Some(within) });
        PartId(self.0.len() - 1)
    }

    #[cfg(test)]
    pub(super) fn roles(&self) -> impl Iterator<Item = StructRole> {
        self.0.iter().map(|part| part.role)
    }

    /// Writes the tree over `pages`, whose objects exist already. Gives its root.
    pub(super) fn write(&self, pdf: &mut Pdf, refs: &mut Refs, pages: &[(&Page, Ref)]) -> Ref {
        let root = refs.next();
        let elements: Vec<Ref> = self.0.iter().map(|_| refs.next()).collect();
        let element = |id: PartId| elements.get(id.0).copied();
        let mut children: BTreeMap<PartId, Vec<Ref>> = BTreeMap::new();
        for (part, id) in self.0.iter().zip(&elements) {
            if let Some(within) = part.within {
                children.entry(within).or_default().push(*id);
            }
        }
        let mut lines: BTreeMap<PartId, Vec<(Ref, i32)>> = BTreeMap::new();
        let mut of_pages = Vec::new();
        for (page, place) in pages {
            for (mark, part) in page.marks() {
                lines.entry(part).or_default().push((*place, mark));
            }
            let of_page = refs.next();
            pdf.indirect(of_page).array().items(page.marks().filter_map(|(_, part)| element(part)));
            of_pages.push(of_page);
        }
        for (place, (part, id)) in self.0.iter().zip(&elements).enumerate() {
            let mut written = pdf.struct_element(*id);
            written.kind(part.role).parent(part.within.and_then(element).unwrap_or(root));
            if part.role == StructRole::TH {
                written.attributes().push().table().scope(TableHeaderScope::Row);
            }
            let mut kids = written.children();
            for child in children.get(&PartId(place)).into_iter().flatten() {
                kids.struct_element(*child);
            }
            for (page, mark) in lines.get(&PartId(place)).into_iter().flatten() {
                kids.marked_content_ref().page(*page).marked_content_id(*mark);
            }
        }
        let mut tree: StructTreeRoot<'_> = pdf.indirect(root).start();
        tree.children().items(element(Self::WHOLE));
        let mut by_page = tree.parent_tree();
        let mut numbers = by_page.nums();
        for (number, of_page) in (0..).zip(&of_pages) {
            numbers.insert(number, *of_page);
        }
        numbers.finish();
        by_page.finish();
        tree.parent_tree_next_key(i32::try_from(of_pages.len()).unwrap_or(i32::MAX));
        root
    }
}
