//! Grey levels and colours of every value that 8 or 16 bits can hold, looked up instead of calculated.

use protocol::Dtype;

use crate::elements::{Element, with_element};
use crate::view::Highlight;
use crate::{View, Window, rgb};

/// Values of a dtype with more than 16 bits are looked up by their place in the window.
struct Place;

impl Place {
    /// At or below the highlight's zero, wherever in the window.
    const ZERO: u16 = 0;
    const BLACK: u16 = 1;
    /// 256 places to a level, so that levels begin at a place.
    const WHITE: u16 = Self::BLACK + 255 * 256;
    /// At or above the highlight's saturation.
    const SATURATED: u16 = u16::MAX;
}

/// The table of one view of one dtype.
#[derive(Debug)]
pub(crate) struct Lut {
    view: View,
    dtype: Dtype,
    /// Grey level by index: the bits of an element, or its place in the window.
    levels: Vec<u8>,
    /// Y, U and V by index, [`pack`]ed; empty where grey values stay grey.
    colours: Vec<u32>,
    /// Places of the elements that are being looked up.
    places: Vec<[u8; 2]>,
}

/// Y, U and V with room for the sum of four: 10 bits each.
const fn pack([y, u, v]: [u8; 3]) -> u32 {
    y as u32 | (u as u32) << 10 | (v as u32) << 20
}

/// Half of the four that sums are divided by, for U and V.
const ROUND: u32 = 2 << 10 | 2 << 20;

impl Lut {
    pub(crate) fn new(view: View, dtype: Dtype) -> Self {
        let mut lut = Self {
            view,
            dtype,
            levels: Vec::new(),
            colours: Vec::new(),
            places: Vec::new(),
        };
        lut.fill();
        lut
    }

    /// Makes it the table of another view. Little is done where little changes: a window for floats is none of the
    /// table's business.
    pub(crate) fn set(&mut self, view: View, dtype: Dtype) {
        if (view, dtype) == (self.view, self.dtype) {
            return;
        }
        let window_only = self.dtype == dtype
            && self.view.highlight.is_some() == view.highlight.is_some()
            && (view.gamma, view.colormap, view.invert)
                == (self.view.gamma, self.view.colormap, self.view.invert);
        (self.view, self.dtype) = (view, dtype);
        if !(window_only && dtype.size() > 2) {
            self.fill();
        }
    }

    fn fill(&mut self) {
        let Self { view, dtype, .. } = *self;
        let (first, window, highlight) = domain(&view, dtype);
        let entries = if dtype.size() == 1 { 1 << 8 } else { 1 << 16 };
        let runs = Runs::new(first, entries, window, view.gamma.get());
        let level_of = |level: u8| if view.invert { 255 - level } else { level };
        runs.fill(&mut self.levels, level_of);
        if view.is_coloured() {
            let colours = view.colormap.palette().map(rgb::yuv).map(pack);
            runs.fill(&mut self.colours, |level| colours[usize::from(level_of(level))]);
            if let Some(highlight) = highlight {
                mark(&mut self.colours, first, highlight);
            }
        } else {
            self.colours.clear();
        }
        match dtype {
            // From the order of values to the order of bits.
            Dtype::I8 | Dtype::I16 => {
                self.levels.rotate_left(entries / 2);
                let middle = self.colours.len() / 2;
                self.colours.rotate_left(middle);
            }
            // Whatever is not zero is true.
            Dtype::Bool => {
                let (level, colour) = (self.levels[1], self.colours.get(1).copied());
                self.levels[1..].fill(level);
                if let Some(colour) = colour {
                    self.colours[1..].fill(colour);
                }
            }
            _ => {}
        }
    }

    /// Grey levels of `levels.len()` elements.
    pub(crate) fn grey(&mut self, source: &[u8], levels: &mut [u8]) {
        match self.dtype.size() {
            1 => look_up_bytes(source, &self.levels, levels),
            2 => look_up_words(source.as_chunks().0, &self.levels, levels),
            _ => {
                self.place(source, 0);
                look_up_words(&self.places, &self.levels, levels);
            }
        }
    }

    /// Colours of two rows of grey elements: a row of luma for each, and one of chroma for both, half as long rounded
    /// down. A last odd column is left to the caller.
    pub(crate) fn colour(&mut self, [upper, lower]: [&[u8]; 2], y: [&mut [u8]; 2], [u, v]: [&mut [u8]; 2]) {
        match self.dtype.size() {
            1 => colour_rows::<1>(
                [upper.as_chunks().0, lower.as_chunks().0],
                &self.colours,
                y,
                [u, v],
            ),
            2 => colour_rows::<2>(
                [upper.as_chunks().0, lower.as_chunks().0],
                &self.colours,
                y,
                [u, v],
            ),
            size => {
                let elements = upper.len() / size;
                self.place(upper, 0);
                self.place(lower, elements);
                let (upper, lower) = self.places.split_at(elements);
                colour_rows::<2>([upper, &lower[..elements]], &self.colours, y, [u, v]);
            }
        }
    }

    /// Luma of the element `index` of two rows of grey elements, and chroma of both together.
    pub(crate) fn colour_of(&mut self, rows: [&[u8]; 2], index: usize) -> ([u8; 2], [u8; 2]) {
        let size = self.dtype.size();
        let packed = rows.map(|row| {
            let element = &row[index * size..(index + 1) * size];
            match *element {
                [byte] => self.colours[usize::from(byte)],
                [low, high] => self.colours[usize::from(u16::from_le_bytes([low, high]))],
                _ => {
                    self.place(element, 0);
                    self.colours[usize::from(u16::from_le_bytes(self.places[0]))]
                }
            }
        });
        let sum = 2 * (packed[0] + packed[1]) + ROUND;
        (
            packed.map(|yuv| yuv as u8),
            [(sum >> 12) as u8, (sum >> 22) as u8],
        )
    }

    /// Places of all elements in `source`, from `self.places[start]` on.
    fn place(&mut self, source: &[u8], start: usize) {
        let elements = source.len() / self.dtype.size();
        if self.places.len() < start + elements {
            self.places.resize(start + elements, [0; 2]);
        }
        let View {
            window, highlight, ..
        } = self.view;
        let places = &mut self.places[start..start + elements];
        with_element!(self.dtype, T => places_of::<T>(source, window, highlight, places));
    }
}

/// First value of the table, and window and highlight in the table's values.
fn domain(view: &View, dtype: Dtype) -> (i32, Window, Option<Highlight>) {
    match dtype {
        Dtype::Bool | Dtype::U8 | Dtype::U16 => (0, view.window, view.highlight),
        Dtype::I8 => (i8::MIN.into(), view.window, view.highlight),
        Dtype::I16 => (i16::MIN.into(), view.window, view.highlight),
        Dtype::U32 | Dtype::I32 | Dtype::F32 | Dtype::F64 => {
            let window = Window::new(f64::from(Place::BLACK), f64::from(Place::WHITE));
            let marks = Highlight::new(Place::ZERO.into(), Place::SATURATED.into());
            (
                0,
                window.expect("black is below white"),
                view.highlight.map(|_| marks.expect("zero is below saturation")),
            )
        }
    }
}

/// Where in a table of consecutive integers each grey level begins. Levels ascend with values, so a table is 256 runs,
/// and gamma costs 256 powers and not 65,536.
struct Runs {
    /// Index of the first entry of level n; `[0]` is 0.
    starts: [usize; 256],
    entries: usize,
}

impl Runs {
    fn new(first: i32, entries: usize, window: Window, gamma: f64) -> Self {
        let width = window.white() - window.black();
        let starts = std::array::from_fn(|level| {
            if level == 0 {
                return 0;
            }
            // A value has the level that its own rounds to, so this one from a half below it on.
            let place = ((level as f64 - 0.5) / 255.0).powf(1.0 / gamma);
            let value = window.black() + place * width;
            // Black itself is of level 0, also where the window is too wide for so small a step.
            let value = value.max(window.black().next_up());
            // Saturates.
            ((value.ceil() - f64::from(first)) as usize).min(entries)
        });
        Self { starts, entries }
    }

    fn fill<T: Copy>(&self, table: &mut Vec<T>, of_level: impl Fn(u8) -> T) {
        table.clear();
        table.reserve(self.entries);
        for level in 0..=u8::MAX {
            let end = self.starts.get(usize::from(level) + 1).unwrap_or(&self.entries);
            table.resize(*end, of_level(level));
        }
    }
}

/// Colours the ends of a table whose entry 0 is the value `first`.
fn mark(colours: &mut [u32], first: i32, highlight: Highlight) {
    const BLUE: [u8; 3] = [0, 0, 255];
    const RED: [u8; 3] = [255, 0, 0];
    let index = |value: f64| ((value - f64::from(first)) as usize).min(colours.len());
    // At or below; below the first value there is none.
    let zeros = match highlight.zero() < f64::from(first) {
        true => 0,
        false => (index(highlight.zero().floor()) + 1).min(colours.len()),
    };
    let saturated = index(highlight.saturated().ceil());
    colours[..zeros].fill(pack(rgb::yuv(BLUE)));
    colours[saturated..].fill(pack(rgb::yuv(RED)));
}

fn look_up_bytes(source: &[u8], table: &[u8], levels: &mut [u8]) {
    let table: &[u8; 1 << 8] = table.try_into().expect("an entry for every byte");
    for (level, &byte) in levels.iter_mut().zip(source) {
        *level = table[usize::from(byte)];
    }
}

fn look_up_words(source: &[[u8; 2]], table: &[u8], levels: &mut [u8]) {
    let table: &[u8; 1 << 16] = table.try_into().expect("an entry for every word");
    for (level, &word) in levels.iter_mut().zip(source) {
        *level = table[usize::from(u16::from_le_bytes(word))];
    }
}

/// An index of `N` bytes that no table of its size is too short for.
#[inline(always)]
fn entry<const N: usize>(table: &[u32], bytes: [u8; N]) -> u32 {
    let mut index = [0; 2];
    index[..N].copy_from_slice(&bytes);
    table[usize::from(u16::from_le_bytes(index))]
}

fn colour_rows<const N: usize>(
    [upper, lower]: [&[[u8; N]]; 2],
    table: &[u32],
    [y_upper, y_lower]: [&mut [u8]; 2],
    [u, v]: [&mut [u8]; 2],
) {
    // Said once here, not asked for every pixel.
    let table = &table[..1 << (8 * N)];
    let luma = y_upper
        .as_chunks_mut::<2>()
        .0
        .iter_mut()
        .zip(y_lower.as_chunks_mut::<2>().0);
    let pixels = upper.as_chunks::<2>().0.iter().zip(lower.as_chunks::<2>().0);
    let chroma = u.iter_mut().zip(v);
    for ((([a, b], [c, d]), (y_upper, y_lower)), (u, v)) in pixels.zip(luma).zip(chroma) {
        let [a, b, c, d] = [*a, *b, *c, *d].map(|bytes| entry(table, bytes));
        *y_upper = [a as u8, b as u8];
        *y_lower = [c as u8, d as u8];
        // One addition for all three.
        let sum = a + b + c + d + ROUND;
        *u = (sum >> 12) as u8;
        *v = (sum >> 22) as u8;
    }
}

/// Places of elements in `window`: see [`Place`]. NaN is black.
fn places_of<T: Element>(
    source: &[u8],
    window: Window,
    highlight: Option<Highlight>,
    places: &mut [[u8; 2]],
) {
    let (black, per_unit) = (
        window.black(),
        f64::from(Place::WHITE - Place::BLACK) / (window.white() - window.black()),
    );
    let elements = source.chunks_exact(T::SIZE).map(T::read);
    match highlight {
        None if T::can_place(black, per_unit) => {
            for (place, element) in places.iter_mut().zip(elements) {
                *place = rounded(element.place(black, per_unit)).to_le_bytes();
            }
        }
        None => {
            for (place, element) in places.iter_mut().zip(elements) {
                *place = rounded(element.to_f64().place(black, per_unit)).to_le_bytes();
            }
        }
        Some(highlight) => {
            let (zero, saturated) = (highlight.zero(), highlight.saturated());
            for (place, element) in places.iter_mut().zip(elements) {
                let value = element.to_f64();
                let within = rounded(value.place(black, per_unit));
                let above_zero = if value <= zero { Place::ZERO } else { within };
                *place = if value >= saturated {
                    Place::SATURATED
                } else {
                    above_zero
                }
                .to_le_bytes();
            }
        }
    }
}

/// A place that counts from the window's black, as an index. Adding 2^23 leaves a float's integer part in its lowest
/// bits, rounded: the only conversion that every processor does many of at once.
#[inline(always)]
fn rounded(from_black: f32) -> u16 {
    const INTEGERS: f32 = 8_388_608.0;
    let clipped = from_black.max(0.0).min(f32::from(Place::WHITE - Place::BLACK));
    (clipped + INTEGERS).to_bits() as u16 + Place::BLACK
}

#[cfg(test)]
#[path = "lut_tests.rs"]
mod tests;
