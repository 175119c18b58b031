//! The picture of a logo: read from PNG, JPEG or WebP within limits, and written anew as PNG. Nothing of the file that was
//! sent is kept but its pixels: no metadata, no profile, no bytes behind the picture.

use domain::attachment::{ContentHash, FileKind};
use domain::provider::{LOGO_BYTES_MAX, LogoProblem};
use image::codecs::png::{CompressionType, FilterType as PngFilter, PngEncoder};
use image::imageops::FilterType;
use image::{DynamicImage, ExtendedColorType, ImageEncoder, ImageFormat};
use sha2::{Digest, Sha256};
use sqlx::{AnyConnection, Row};

use crate::pictures::{self, PictureLimits};
use crate::store::StoreError;

/// More pixels would cost memory for nothing. The bytes are those of a picture of that size in 16 bits, twice.
const LIMITS: PictureLimits = PictureLimits { side: 2048, alloc: 96 * 1024 * 1024 };
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
        let format = FileKind::sniff(bytes).and_then(pictures::format_of).ok_or(LogoProblem::UnknownKind)?;
        let _turn = pictures::turn();
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

/// Reads a picture within the limits, upright as its camera says.
fn read(bytes: &[u8], format: ImageFormat) -> Result<DynamicImage, image::ImageError> {
    let (mut picture, orientation) = pictures::read(bytes, format, LIMITS)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

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
            let even: &[u8] = if content.len().is_multiple_of(2) { b"" } else { b"\0" };
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
            assert_eq!(pictures::webp_fits(&file, LIMITS), fits, "{file:?}");
            assert!(fits || Logo::of_file(&file) == Err(LogoProblem::Unreadable));
        }
        assert!(pictures::webp_fits(&encoded(20, 20, ImageFormat::WebP), LIMITS));
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
