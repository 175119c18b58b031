//! Pictures that others made: read within limits, turned upright, and written anew. Nothing of the file that was sent is
//! kept but its pixels: no metadata, no place, no profile, no bytes behind the picture.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::attachment::{FileKind, MOST_BYTES};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::error::{LimitError, LimitErrorKind};
use image::metadata::Orientation;
use image::{
    DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageError, ImageFormat, ImageReader,
    Limits, RgbImage,
};

/// What a picture may have before it is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PictureLimits {
    /// The most pixels of a side.
    pub(crate) side: u32,
    /// The most bytes of the pixels.
    pub(crate) alloc: u64,
}

/// Photographs of telephones have up to 50 megapixels of three bytes.
const OF_A_PHOTOGRAPH: PictureLimits = PictureLimits { side: 12_000, alloc: 160 * 1024 * 1024 };
/// Pixels of the longer side of a picture that is kept: as large as a browser makes it before the upload.
const LONGEST_SIDE: u32 = 2560;
/// Quality of a kept photograph, of 100.
const QUALITY: u8 = 85;
/// Pixels of the longer side of a thumbnail: a fault can be seen without the picture itself.
const THUMBNAIL_SIDE: u32 = 480;
/// Quality of a thumbnail, of 100.
const THUMBNAIL_QUALITY: u8 = 75;

/// The turn of the one picture that is being read.
static READING: Mutex<()> = Mutex::new(());

/// Waits until no other picture is read: the limits are those of one picture. A poisoned lock guards nothing.
pub(crate) fn turn() -> MutexGuard<'static, ()> {
    READING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The format of a kind of picture; `None` for a document.
pub(crate) const fn format_of(kind: FileKind) -> Option<ImageFormat> {
    match kind {
        FileKind::Png => Some(ImageFormat::Png),
        FileKind::Jpeg => Some(ImageFormat::Jpeg),
        FileKind::Webp => Some(ImageFormat::WebP),
        FileKind::Pdf | FileKind::Text => None,
    }
}

/// Reads a picture within the limits, and how it lies.
pub(crate) fn read(
    bytes: &[u8],
    format: ImageFormat,
    limits: PictureLimits,
) -> Result<(DynamicImage, Orientation), ImageError> {
    let too_large = || ImageError::Limits(LimitError::from_kind(LimitErrorKind::DimensionError));
    // The decoder of WebP knows no limits, so its frames are looked at before.
    if format == ImageFormat::WebP && !webp_fits(bytes, limits) {
        return Err(too_large());
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut within = Limits::default();
    within.max_image_width = Some(limits.side);
    within.max_image_height = Some(limits.side);
    within.max_alloc = Some(limits.alloc);
    reader.limits(within);
    let mut decoder = reader.into_decoder()?;
    // The decoder keeps coefficients of the whole picture beside its pixels, two bytes for each of theirs.
    let share = if format == ImageFormat::Jpeg && keeps_coefficients(bytes) { 3 } else { 1 };
    if decoder.total_bytes().saturating_mul(share) > limits.alloc {
        return Err(too_large());
    }
    let orientation = decoder.orientation()?;
    Ok((DynamicImage::from_decoder(decoder)?, orientation))
}

/// Whether a JPEG is decoded in several passes over the whole picture (ITU T.81). It is progressive, or its first scan has
/// not all of its components.
fn keeps_coefficients(bytes: &[u8]) -> bool {
    let mut rest = bytes.get(2..).unwrap_or_default();
    let mut components = 0;
    while let [0xFF, marker, after @ ..] = rest {
        // Fill bytes before a marker, and markers without a segment.
        if *marker == 0xFF {
            rest = rest.get(1..).unwrap_or_default();
            continue;
        }
        let Some((length, _)) = after.split_first_chunk::<2>() else { return true };
        let length = usize::from(u16::from_be_bytes(*length));
        match marker {
            0xC0 | 0xC1 => components = after.get(7).copied().unwrap_or_default(),
            0xC2..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => return true,
            0xDA => return after.get(2).is_none_or(|of_scan| *of_scan < components),
            _ => {}
        }
        rest = after.get(length..).unwrap_or_default();
    }
    true
}

/// Whether every frame of a WebP is within the limits. The decoder takes memory for the size in a frame's own header, which
/// may be another one than that of the file. A moving picture is refused.
pub(crate) fn webp_fits(bytes: &[u8], limits: PictureLimits) -> bool {
    let is_within = |(width, height): (u32, u32)| {
        let all = u64::from(width) * u64::from(height) * 4;
        width <= limits.side && height <= limits.side && all <= limits.alloc
    };
    // RIFF, its length, WEBP; then chunks of a name, a length, and content with an even number of bytes.
    let mut rest = bytes.get(12..).unwrap_or_default();
    while let Some((head, after)) = rest.split_at_checked(8) {
        let (name, length) = head.split_at(4);
        let length = length.iter().rev().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
        let content = after.get(..length.min(after.len())).unwrap_or_default();
        let size = match name {
            b"VP8 " => vp8_size(content),
            b"VP8L" => vp8l_size(content),
            b"ANIM" | b"ANMF" => return false,
            _ => Some((1, 1)),
        };
        if !size.is_some_and(is_within) {
            return false;
        }
        rest = after.get(length.saturating_add(length % 2)..).unwrap_or_default();
    }
    true
}

/// The size in the header of a lossy frame (RFC 6386, 9.1): 14 bits each behind three bytes and the start code.
fn vp8_size(frame: &[u8]) -> Option<(u32, u32)> {
    let side =
        |at: usize| Some(u32::from(u16::from_le_bytes(frame.get(at..at + 2)?.try_into().ok()?) & 0x3FFF));
    Some((side(6)?, side(8)?))
}

/// The size in the header of a lossless frame (RFC 9649, 3.4): 14 bits each behind one byte, less one.
fn vp8l_size(frame: &[u8]) -> Option<(u32, u32)> {
    let sizes = u32::from_le_bytes(frame.get(1..5)?.try_into().ok()?);
    Some(((sizes & 0x3FFF) + 1, (sizes >> 14 & 0x3FFF) + 1))
}

/// Width and height of a picture in pixels, by its header alone. GIF is known too, though it is not accepted: mails are
/// decorated with it.
pub(crate) fn size_of(bytes: &[u8]) -> Option<(u32, u32)> {
    if bytes.starts_with(b"GIF8") {
        let side = |at: usize| Some(u32::from(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?)));
        return Some((side(6)?, side(8)?));
    }
    let format = format_of(FileKind::sniff(bytes)?)?;
    unless_it_panics(|| ImageReader::with_format(Cursor::new(bytes), format).into_dimensions().ok())?
}

/// What `read` gives; `None` if it panics. A decoder that panics over the bytes of others is a fault of that file alone.
pub(crate) fn unless_it_panics<T>(read: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(read)).ok()
}

/// A picture that the desk has drawn anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Redrawn {
    /// The kind that it was written as.
    pub(crate) kind: FileKind,
    /// The picture.
    pub(crate) content: Vec<u8>,
    /// The picture made small, a JPEG.
    pub(crate) thumbnail: Vec<u8>,
}

/// Draws a picture anew, upright, with its longer side at most [`LONGEST_SIDE`] pixels. `None` for bytes that are no picture
/// within the limits.
///
/// Sharp edges and transparency stay PNG; everything else becomes JPEG.
pub(crate) fn redrawn(bytes: &[u8], kind: FileKind) -> Option<Redrawn> {
    let format = format_of(kind)?;
    let _turn = turn();
    let (picture, orientation) = read(bytes, format, OF_A_PHOTOGRAPH).ok()?;
    // Made smaller first: turning takes as much memory again.
    let mut picture = fitted(picture, LONGEST_SIDE);
    picture.apply_orientation(orientation);
    let as_png = || {
        let is_sharp = kind == FileKind::Png || (kind == FileKind::Webp && picture.color().has_alpha());
        is_sharp.then(|| png(&picture)).flatten().filter(|content| content.len() <= MOST_BYTES)
    };
    let on_white = || on_white(&picture);
    let (kind, content) = match as_png() {
        Some(content) => (FileKind::Png, content),
        None => (FileKind::Jpeg, jpeg(&on_white(), QUALITY)?),
    };
    let small = fitted(DynamicImage::from(on_white()), THUMBNAIL_SIDE).into_rgb8();
    let thumbnail = jpeg(&small, THUMBNAIL_QUALITY)?;
    (content.len() <= MOST_BYTES).then_some(Redrawn { kind, content, thumbnail })
}

/// The picture with its longer side at most `side`; never enlarged. The mean of pixels takes no memory beside the result.
fn fitted(picture: DynamicImage, side: u32) -> DynamicImage {
    if picture.width().max(picture.height()) <= side { picture } else { picture.thumbnail(side, side) }
}

fn png(picture: &DynamicImage) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut content, CompressionType::Default, FilterType::Adaptive);
    let (width, height) = (picture.width(), picture.height());
    if picture.color().has_alpha() {
        encoder.write_image(&picture.to_rgba8(), width, height, ExtendedColorType::Rgba8).ok()?;
    } else {
        encoder.write_image(&picture.to_rgb8(), width, height, ExtendedColorType::Rgb8).ok()?;
    }
    Some(content)
}

fn jpeg(picture: &RgbImage, quality: u8) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    JpegEncoder::new_with_quality(&mut content, quality).encode_image(picture).ok()?;
    Some(content)
}

/// The pixels on white, without transparency.
fn on_white(picture: &DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.to_rgb8();
    }
    let pixels = picture.to_rgba8();
    RgbImage::from_fn(pixels.width(), pixels.height(), |x, y| {
        let [red, green, blue, alpha] = pixels.get_pixel(x, y).0;
        let over = |part: u8| {
            let sum = u32::from(part) * u32::from(alpha) + 255 * (255 - u32::from(alpha));
            u8::try_from(sum / 255).unwrap_or(u8::MAX)
        };
        image::Rgb([over(red), over(green), over(blue)])
    })
}

#[cfg(test)]
mod tests {
    use image::{Rgba, RgbaImage};

    use super::*;

    fn encoded(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let part = |at: u32| u8::try_from(at % 256).unwrap();
        let picture = RgbaImage::from_fn(width, height, |x, y| Rgba([part(x * 3), part(y * 5), 90, 255]));
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::from(picture).into_rgb8().write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    /// A JPEG with Exif: to be turned by a quarter, and a place in plain text.
    fn of_a_camera(width: u32, height: u32) -> Vec<u8> {
        let mut jpeg = encoded(width, height, ImageFormat::Jpeg);
        let exif =
            b"Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0 10.48N 66.90W";
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        drop(jpeg.splice(2..2, [[0xFF, 0xE1].as_slice(), &length, exif].concat()));
        jpeg
    }

    #[test]
    fn panic_of_a_decoder_is_no_picture() {
        assert_eq!(unless_it_panics(|| 7), Some(7));
        let panics = || -> u32 { panic!("a decoder") };
        assert_eq!(unless_it_panics(panics), None);
    }

    #[test]
    fn several_passes_over_a_photograph_count_as_three_pictures() {
        let sent = of_a_camera(40, 20);
        assert!(!keeps_coefficients(&sent));
        let frame = sent.windows(2).position(|two| two == [0xFF, 0xC0]).unwrap();
        let mut progressive = sent.clone();
        progressive[frame + 1] = 0xC2;
        let scan = sent.windows(2).position(|two| two == [0xFF, 0xDA]).unwrap();
        let mut by_component = sent.clone();
        by_component[scan + 4] = 1;
        for many in [progressive, by_component, sent[..frame].to_vec()] {
            assert!(keeps_coefficients(&many));
        }
        let limits = PictureLimits { side: 100, alloc: 40 * 20 * 3 };
        assert!(read(&sent, ImageFormat::Jpeg, limits).is_ok());
        let mut progressive = sent;
        progressive[frame + 1] = 0xC2;
        assert!(matches!(read(&progressive, ImageFormat::Jpeg, limits), Err(ImageError::Limits(_))));
    }

    #[test]
    fn photograph_is_upright_and_holds_no_place() {
        let sent = of_a_camera(40, 20);
        let drawn = redrawn(&sent, FileKind::Jpeg).unwrap();
        assert_eq!(size_of(&drawn.content), Some((20, 40)));
        let holds = |bytes: &[u8], words: &[u8]| bytes.windows(words.len()).any(|part| part == words);
        assert!(holds(&sent, b"10.48N"));
        for kept in [&drawn.content, &drawn.thumbnail] {
            assert!(!holds(kept, b"10.48N") && !holds(kept, b"Exif"));
        }
    }

    #[test]
    fn picture_is_as_large_as_a_browser_makes_it_and_its_thumbnail_small() {
        let drawn = redrawn(&encoded(4032, 300, ImageFormat::Jpeg), FileKind::Jpeg).unwrap();
        assert_eq!((drawn.kind, size_of(&drawn.content)), (FileKind::Jpeg, Some((2560, 190))));
        assert_eq!(size_of(&drawn.thumbnail), Some((480, 36)));
        let small = redrawn(&encoded(30, 20, ImageFormat::Png), FileKind::Png).unwrap();
        assert_eq!((small.kind, size_of(&small.content)), (FileKind::Png, Some((30, 20))));
        assert_eq!(size_of(&small.thumbnail), Some((30, 20)), "nothing is enlarged");
        let webp = redrawn(&encoded(30, 20, ImageFormat::WebP), FileKind::Webp).unwrap();
        assert_eq!(webp.kind, FileKind::Jpeg, "the encoder of WebP knows no photographs");
    }

    #[test]
    fn what_is_no_picture_is_not_drawn() {
        for bytes in [b"\xFF\xD8\xFF\xE0\x00\x10JFIF\0".as_slice(), b"\xFF\xD8\xFF\xE1", b""] {
            assert_eq!(redrawn(bytes, FileKind::Jpeg), None);
        }
        assert_eq!(redrawn(b"%PDF-1.7", FileKind::Pdf), None);
        let cut = &encoded(20, 20, ImageFormat::Png)[..60];
        assert_eq!(redrawn(cut, FileKind::Png), None);
    }

    #[test]
    fn size_is_read_from_the_header() {
        assert_eq!(size_of(b"GIF89a\x01\0\x02\0\x80"), Some((1, 2)));
        assert_eq!(size_of(b"GIF89a"), None);
        assert_eq!(size_of(b"%PDF-1.7"), None);
        assert_eq!(size_of(&encoded(120, 30, ImageFormat::Jpeg)), Some((120, 30)));
    }
}
