//! Number and size of a display's rows: a share of its size. Text is as large on every display of the same make, and a
//! display with more pixels shows more rows.

/// The fewest rows that can be chosen.
pub const FEWEST_ROWS: usize = 3;
/// The most rows that can be chosen.
pub const MOST_ROWS: usize = 24;

/// One em of the wall as a share of its width and of its height (`style/pages/wall.css`).
const EM_OF_WIDTH: f64 = 0.0104;
const EM_OF_HEIGHT: f64 = 0.018_52;
/// Ems of head, foot and the space between, and ems of a row.
const AROUND_EMS: f64 = 8.5;
const ROW_EMS: f64 = 6.3;
/// Pixels of an em on a display of 1920 by 1080: readable from three metres.
const READABLE_PX: f64 = 20.0;
/// The smallest text, as a share of the text that fills the display.
const SMALLEST: f64 = 0.58;

/// The room of a display.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Room {
    /// Rows that show at once, with those of the band.
    pub rows: usize,
    /// The size of text in rows, as a share of the wall's own.
    pub scale: f64,
}

impl Room {
    /// The room of a display of this size in CSS pixels; `dense` device pixels make one of them.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "numbers of rows on a display"
    )]
    pub fn of(width: f64, height: f64, dense: f64, chosen: Option<usize>) -> Self {
        let em = (width * EM_OF_WIDTH).min(height * EM_OF_HEIGHT).max(1.0);
        let fit = ((height / em - AROUND_EMS) / ROW_EMS).max(1.0);
        let finer = (READABLE_PX / (em * dense.max(1.0))).clamp(SMALLEST, 1.0);
        let rows = chosen.unwrap_or((fit / finer) as usize).clamp(FEWEST_ROWS, MOST_ROWS);
        Self { rows, scale: (fit / rows as f64).min(1.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_display_with_more_pixels_shows_more_rows() {
        let rows = |width, height, dense| Room::of(width, height, dense, None).rows;
        assert_eq!(rows(1920.0, 1080.0, 1.0), 7);
        assert_eq!(rows(1280.0, 720.0, 1.0), 7);
        assert_eq!(rows(2560.0, 1440.0, 1.0), 9);
        assert_eq!(rows(3840.0, 2160.0, 1.0), 12);
        assert_eq!(rows(1920.0, 1080.0, 2.0), 12, "the same display, told in larger pixels");
        assert!(rows(1080.0, 1920.0, 1.0) > 12, "upright");
    }

    #[test]
    fn chosen_layout_fits_the_display() {
        let chosen = |rows| Room::of(1920.0, 1080.0, 1.0, Some(rows));
        assert_eq!(chosen(10).rows, 10);
        assert!(chosen(10).scale < 0.75);
        assert_eq!((chosen(5).rows, chosen(5).scale), (5, 1.0));
        assert_eq!((chosen(0).rows, chosen(999).rows), (FEWEST_ROWS, MOST_ROWS));
    }
}
