//! The picture of a logo: read from PNG, JPEG or WebP within limits, and written anew as PNG. Nothing of the file that was
//! sent is kept but its pixels: no metadata, no profile, no bytes behind the picture.

use std::io::Cursor;
use std::sync::{Mutex, PoisonError};

use domain::attachment::{ContentHash, FileKind};
use domain::provider::{LOGO_BYTES_MAX, LogoProblem};
use image::codecs::png::{CompressionType, FilterType as PngFilter, PngEncoder};
use image::imageops::FilterType;
use image::{DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageFormat, ImageReader, Limits};
use sha2::{Digest, Sha256};
use sqlx::{AnyConnection, Row};

use crate::store::StoreError;

/// The most pixels of a side that is read: more would cost memory for nothing.
const SIDE_MAX: u32 = 2048;
/// The most bytes that reading may take: a picture of that size in 16 bits, twice. The decoder of WebP knows no such limit,
/// so its frames are looked at before ([`webp_fits`]).
const ALLOC_MAX: u64 = 96 * 1024 * 1024;
/// The turn of the one picture that is being read.
static READING: Mutex<()> = Mutex::new(());
/// The size that is kept: twice what headers and mails show, for dense displays.
const WIDTH_KEPT: u32 = 640;
const HEIGHT_KEPT: u32 = 160;

/// A logo that the desk has written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    /// SHA-256 of [`Self::png`]: its name.
    pub hash: ContentHash,
    /// The picture, a PNG.
    pub png: Vec<u8>,
}

/// The pixels of a logo on white, without transparency: three bytes each, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoPixels {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Red, green and blue of each pixel.
    pub rgb: Vec<u8>,
}

impl Logo {
    /// Makes a logo of a file that was sent. The first bytes decide on its kind, not its name. To do it once more changes
    /// nothing.
    ///
    /// # Errors
    /// See [`LogoProblem`].
    pub fn of_file(bytes: &[u8]) -> Result<Self, LogoProblem> {
        if bytes.len() > LOGO_BYTES_MAX {
            return Err(LogoProblem::TooLarge);
        }
        let format = match FileKind::sniff(bytes) {
            Some(FileKind::Png) => ImageFormat::Png,
            Some(FileKind::Jpeg) => ImageFormat::Jpeg,
            Some(FileKind::Webp) => ImageFormat::WebP,
            Some(FileKind::Pdf) | None => return Err(LogoProblem::UnknownKind),
        };
        if format == ImageFormat::WebP && !webp_fits(bytes) {
            return Err(LogoProblem::Unreadable);
        }
        // One at a time: the limits are those of one picture. A poisoned lock guards nothing.
        let _turn = READING.lock().unwrap_or_else(PoisonError::into_inner);
        let picture = read(bytes, format).map_err(|_| LogoProblem::Unreadable)?;
        let fits = picture.width() <= WIDTH_KEPT && picture.height() <= HEIGHT_KEPT;
        let picture =
            if fits { picture } else { picture.resize(WIDTH_KEPT, HEIGHT_KEPT, FilterType::Lanczos3) };
        let pixels = picture.into_rgba8();
        let mut png = Vec::new();
        PngEncoder::new_with_quality(&mut png, CompressionType::Best, PngFilter::Adaptive)
            .write_image(&pixels, pixels.width(), pixels.height(), ExtendedColorType::Rgba8)
            .map_err(|_| LogoProblem::Unreadable)?;
        let hash = Sha256::digest(&png).iter().fold(String::new(), |hash, byte| format!("{hash}{byte:02x}"));
        let hash = ContentHash::parse(&hash).map_err(|_| LogoProblem::Unreadable)?;
        Ok(Self { hash, png })
    }

    /// Width and height in pixels, as the PNG's header says; `None` for bytes that are no picture of the desk's.
    pub(crate) fn size(&self) -> Option<(u32, u32)> {
        let side = |at: usize| Some(u32::from_be_bytes(self.png.get(at..at + 4)?.try_into().ok()?));
        Some((side(16)?, side(20)?)).filter(|(width, height)| *width > 0 && *height > 0)
    }

    /// The logo of a hash.
    pub(super) async fn read(
        connection: &mut AnyConnection,
        hash: &ContentHash,
    ) -> Result<Option<Self>, StoreError> {
        let row = sqlx::query("SELECT png FROM logos WHERE hash = $1")
            .bind(hash.as_str())
            .fetch_optional(connection)
            .await?;
        row.map(|row| Ok(Self { hash: hash.clone(), png: row.try_get(0)? })).transpose()
    }

    /// The pixels on white; `None` for bytes that are no picture of the desk's.
    #[must_use]
    pub fn pixels(&self) -> Option<LogoPixels> {
        let picture = read(&self.png, ImageFormat::Png).ok()?.into_rgba8();
        let on_white = |part: u8, alpha: u8| {
            let sum = u32::from(part) * u32::from(alpha) + 255 * (255 - u32::from(alpha));
            u8::try_from(sum / 255).unwrap_or(u8::MAX)
        };
        let rgb = picture.pixels().flat_map(|pixel| {
            let [red, green, blue, alpha] = pixel.0;
            [red, green, blue].map(|part| on_white(part, alpha))
        });
        Some(LogoPixels { width: picture.width(), height: picture.height(), rgb: rgb.collect() })
    }
}

/// Whether every frame of a WebP is within the limits. The decoder takes memory for the size in a frame's own header, which
/// may be another one than that of the file. A moving picture is no logo.
fn webp_fits(bytes: &[u8]) -> bool {
    // RIFF, its length, WEBP; then chunks of a name, a length, and content with an even number of bytes.
    let mut rest = bytes.get(12..).unwrap_or_default();
    while let Some((head, after)) = rest.split_at_checked(8) {
        let (name, length) = head.split_at(4);
        let length = length.iter().rev().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
        let content = after.get(..length.min(after.len())).unwrap_or_default();
        let fits = match name {
            b"VP8 " => vp8_size(content),
            b"VP8L" => vp8l_size(content),
            b"ANIM" | b"ANMF" => return false,
            _ => Some((1, 1)),
        };
        if fits.is_none_or(|(width, height)| width > SIDE_MAX || height > SIDE_MAX) {
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

/// Reads a picture within the limits, upright as its camera says.
fn read(bytes: &[u8], format: ImageFormat) -> Result<DynamicImage, image::ImageError> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(ALLOC_MAX);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let orientation = decoder.orientation()?;
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

#[cfg(test)]
mod tests {
    use image::{Rgba, RgbaImage};

    use super::*;

    fn encoded(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let picture = RgbaImage::from_fn(width, height, |x, y| {
            let part = |at: u32| u8::try_from(at % 256).unwrap();
            Rgba([part(x * 3), part(y * 5), 90, 255])
        });
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::from(picture).into_rgb8().write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    /// A PNG with a text chunk behind its header, as editors write them.
    fn with_metadata(png: &[u8]) -> Vec<u8> {
        let text = b"tEXtComment\0secret place";
        let crc = text.iter().fold(!0_u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 }
            })
        });
        let length = u32::try_from(text.len() - 4).unwrap().to_be_bytes();
        let end_of_header = 8 + 25;
        [&png[..end_of_header], &length, text, &(!crc).to_be_bytes(), &png[end_of_header..]].concat()
    }

    #[test]
    fn every_accepted_kind_becomes_a_png_of_the_kept_size() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            let logo = Logo::of_file(&encoded(1280, 200, format)).unwrap();
            assert_eq!(FileKind::sniff(&logo.png), Some(FileKind::Png), "{format:?}");
            let pixels = logo.pixels().unwrap();
            assert_eq!((pixels.width, pixels.height), (640, 100), "{format:?}");
            assert_eq!(pixels.rgb.len(), 640 * 100 * 3);
        }
    }

    #[test]
    fn a_logo_is_written_the_same_again() {
        let once = Logo::of_file(&encoded(300, 300, ImageFormat::Png)).unwrap();
        assert_eq!(Logo::of_file(&once.png).unwrap(), once);
    }

    #[test]
    fn metadata_of_a_picture_is_gone() {
        let sent = with_metadata(&encoded(20, 20, ImageFormat::Png));
        let holds = |bytes: &[u8]| bytes.windows(6).any(|part| part == b"secret");
        assert!(holds(&sent));
        assert!(!holds(&Logo::of_file(&sent).unwrap().png));
    }

    #[test]
    fn what_is_no_picture_is_refused_by_its_content() {
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
        assert_eq!(Logo::of_file(svg), Err(LogoProblem::UnknownKind));
        assert_eq!(Logo::of_file(b"%PDF-1.7"), Err(LogoProblem::UnknownKind));
        assert_eq!(Logo::of_file(b""), Err(LogoProblem::UnknownKind));
        let cut = &encoded(20, 20, ImageFormat::Png)[..60];
        assert_eq!(Logo::of_file(cut), Err(LogoProblem::Unreadable));
        assert_eq!(Logo::of_file(&vec![0; LOGO_BYTES_MAX + 1]), Err(LogoProblem::TooLarge));
    }

    #[test]
    fn webp_whose_frame_is_larger_than_its_canvas_is_refused_before_it_is_read() {
        let chunk = |name: &[u8], content: &[u8]| {
            let length = u32::try_from(content.len()).unwrap().to_le_bytes();
            let even: &[u8] = if content.len() % 2 == 0 { b"" } else { b"\0" };
            [name, &length, content, even].concat()
        };
        let webp = |chunks: &[Vec<u8>]| [b"RIFF\0\0\0\0WEBP".as_slice(), &chunks.concat()].concat();
        // A canvas of ten by ten.
        let canvas = chunk(b"VP8X", &[0, 0, 0, 0, 9, 0, 0, 9, 0, 0]);
        let lossy = |side: u16| {
            let [low, high] = side.to_le_bytes();
            chunk(b"VP8 ", &[0x10, 0, 0, 0x9D, 1, 0x2A, low, high, low, high])
        };
        let lossless = |side: u32| {
            let sizes = (side - 1) | (side - 1) << 14;
            chunk(b"VP8L", &[[0x2F].as_slice(), &sizes.to_le_bytes(), &[0]].concat())
        };
        for (frame, fits) in [
            (lossy(16_383), false),
            (lossy(2_049), false),
            (lossy(2_048), true),
            (lossless(16_384), false),
            (lossless(2_049), false),
            (lossless(2_048), true),
            (chunk(b"ANMF", &[0; 16]), false),
            (chunk(b"VP8 ", &[0; 4]), false),
        ] {
            let file = webp(&[canvas.clone(), chunk(b"ICCP", b"odd"), frame]);
            assert_eq!(webp_fits(&file), fits, "{file:?}");
            assert!(fits || Logo::of_file(&file) == Err(LogoProblem::Unreadable));
        }
        assert!(webp_fits(&encoded(20, 20, ImageFormat::WebP)));
    }

    #[test]
    fn picture_lies_as_its_camera_says_and_transparency_is_white() {
        let mut jpeg = encoded(40, 20, ImageFormat::Jpeg);
        // Orientation 6: to be turned by a quarter.
        let exif = b"Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        drop(jpeg.splice(2..2, [[0xFF, 0xE1].as_slice(), &length, exif].concat()));
        let logo = Logo::of_file(&jpeg).unwrap();
        assert_eq!(logo.size(), Some((20, 40)));

        let clear =
            RgbaImage::from_fn(2, 1, |x, _| if x == 0 { Rgba([0, 0, 0, 0]) } else { Rgba([0, 0, 0, 128]) });
        let mut png = Cursor::new(Vec::new());
        DynamicImage::from(clear).write_to(&mut png, ImageFormat::Png).unwrap();
        let pixels = Logo::of_file(&png.into_inner()).unwrap().pixels().unwrap();
        assert_eq!(pixels.rgb, [255, 255, 255, 127, 127, 127]);
    }

    #[test]
    fn picture_of_too_many_pixels_is_refused_before_it_is_read() {
        let mut png = encoded(20, 20, ImageFormat::Png);
        // The header claims a width of 2049; its checksum is right.
        png[16..20].copy_from_slice(&2049_u32.to_be_bytes());
        let crc = png[12..29].iter().fold(!0_u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 }
            })
        });
        png[29..33].copy_from_slice(&(!crc).to_be_bytes());
        assert_eq!(Logo::of_file(&png), Err(LogoProblem::Unreadable));
    }
}
