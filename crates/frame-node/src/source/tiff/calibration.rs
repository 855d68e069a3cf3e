//! How large what a pixel shows is, where a TIFF says so.

use std::io::{Read, Seek};

use protocol::PixelSize;
use tiff::decoder::Decoder;
use tiff::decoder::ifd::Value;
use tiff::tags::Tag;

use super::imagej::ImageJ;

/// Micrometres in a centimetre.
const UM_PER_CM: f64 = 1e4;

/// The size that the current page's resolution tags (TIFF 6.0, section 8) and `imagej` together tell.
///
/// Pixels per unit of ImageJ, or per centimetre, as Bio-Formats writes it. Pixels per inch are how large something is
/// to be printed, and one pixel per centimetre is what stands where nobody knew: neither is a size of what is shown.
pub fn pixel_size<R: Read + Seek>(decoder: &mut Decoder<R>, imagej: &ImageJ) -> Option<PixelSize> {
    const CENTIMETRE: u16 = 3;
    let per_unit = [Tag::YResolution, Tag::XResolution].map(|tag| rational(decoder, tag));
    let [Some(rows), Some(columns)] = per_unit else {
        return None;
    };
    if let Some(unit) = &imagej.unit {
        return PixelSize::new(1.0 / rows, 1.0 / columns, unit).ok();
    }
    let unit = decoder.find_tag_unsigned::<u16>(Tag::ResolutionUnit).ok()?;
    let is_known = unit == Some(CENTIMETRE) && (rows, columns) != (1.0, 1.0);
    is_known
        .then(|| PixelSize::new(UM_PER_CM / rows, UM_PER_CM / columns, PixelSize::DEFAULT_UNIT))?
        .ok()
}

fn rational<R: Read + Seek>(decoder: &mut Decoder<R>, tag: Tag) -> Option<f64> {
    match decoder.find_tag(tag).ok()?? {
        Value::Rational(n, d) => Some(f64::from(n) / f64::from(d)),
        _ => None,
    }
}
