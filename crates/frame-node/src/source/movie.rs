//! A movie that looks like calcium imaging, in camera counts.
//!
//! Cells (flat-topped blobs with a darker nucleus) flare at random moments and decay exponentially, over an unevenly
//! lit background, under shot noise and read noise. Every frame is computed afresh, row by row, so that a row is in
//! the cache from the first to the last step.

use std::f32::consts::{PI, TAU};

use ndarray::{Array1, Array2, Axis, s};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::tone::BLACK;

/// Share of the area that is covered by cells.
const CELL_COVER: f32 = 0.14;
/// Flares per cell and second.
const EVENT_RATE_HZ: std::ops::Range<f32> = 0.05..0.35;
/// Decay of a flare, seconds.
const DECAY_S: std::ops::Range<f32> = 0.5..1.4;
/// Rise of a flare, seconds.
const RISE_S: f32 = 0.05;
/// Counts per photo-electron: variance of the shot noise per count.
const GAIN: f32 = 2.5;
/// Standard deviation of the read noise, counts.
const READ_NOISE: f32 = 8.0;
/// Values in the noise table. A row reads a window of it that begins somewhere else in every row and frame.
const NOISE_LEN: usize = 1 << 16;

struct Cell {
    /// First row and column of the footprint.
    top: usize,
    left: usize,
    /// Counts at full activity, `[rows, columns]`.
    footprint: Array2<f32>,
    /// Share of the footprint that is seen at rest.
    rest: f32,
    event_rate_hz: f32,
    decay_s: f32,
    /// The two exponentials whose difference is the flare.
    slow: f32,
    fast: f32,
}

impl Cell {
    fn activity(&self) -> f32 {
        self.rest + self.slow - self.fast
    }

    /// One time step: decay, and perhaps a flare.
    fn advance(&mut self, dt_s: f32, rng: &mut StdRng) {
        self.slow *= (-dt_s / self.decay_s).exp();
        self.fast *= (-dt_s / RISE_S).exp();
        // At least one event in dt, for a Poisson process.
        if rng.random::<f32>() < 1.0 - (-self.event_rate_hz * dt_s).exp() {
            // Saturating indicator: a flare on top of a flare adds less.
            let jump = rng.random_range(0.3..1.0) * (1.2 - self.slow).max(0.1);
            self.slow += jump;
            self.fast += jump;
        }
    }
}

/// The movie: same size, rate and seed, same frames.
pub struct Movie {
    background: Array2<f32>,
    cells: Vec<Cell>,
    /// Which cells touch each row.
    cells_of_row: Vec<Vec<usize>>,
    noise: Array1<f32>,
    line: Array1<f32>,
    rng: StdRng,
    dt_s: f32,
}

impl Movie {
    /// `height` x `width` pixels, at least 1 each, at `fps` frames/s.
    pub fn new(height: usize, width: usize, fps: f64, seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let cells = cells(height, width, &mut rng);
        let mut cells_of_row = vec![Vec::new(); height];
        for (index, cell) in cells.iter().enumerate() {
            for row in &mut cells_of_row[cell.top..cell.top + cell.footprint.nrows()] {
                row.push(index);
            }
        }
        let background = background(height, width, &mut rng);
        let noise = Array1::from_shape_simple_fn(NOISE_LEN + width, || gaussian(&mut rng));
        Self {
            background,
            cells,
            cells_of_row,
            noise,
            line: Array1::zeros(width),
            rng,
            dt_s: (1.0 / fps) as f32,
        }
    }

    /// The next frame, row by row from the top: `row(y, counts)`.
    pub fn next_frame(&mut self, mut row: impl FnMut(usize, &[f32])) {
        for cell in &mut self.cells {
            cell.advance(self.dt_s, &mut self.rng);
        }
        let width = self.line.len();
        for (y, background) in self.background.axis_iter(Axis(0)).enumerate() {
            self.line.assign(&background);
            for &index in &self.cells_of_row[y] {
                let cell = &self.cells[index];
                let footprint = cell.footprint.row(y - cell.top);
                let mut covered = self.line.slice_mut(s![cell.left..cell.left + footprint.len()]);
                covered.scaled_add(cell.activity(), &footprint);
            }
            let start = self.rng.random_range(0..NOISE_LEN);
            let noise = self.noise.slice(s![start..start + width]);
            self.line.zip_mut_with(&noise, |count, &noise| {
                let variance = (*count - BLACK).max(0.0) * GAIN + READ_NOISE * READ_NOISE;
                *count += noise * variance.sqrt();
            });
            row(y, self.line.as_slice().unwrap_or_default());
        }
    }
}

fn cells(height: usize, width: usize, rng: &mut StdRng) -> Vec<Cell> {
    let radius = (height.min(width) as f32 / 55.0).clamp(2.0, 18.0);
    let count = (CELL_COVER * (height * width) as f32 / (PI * radius * radius)).ceil();
    (0..count as usize)
        .map(|_| {
            let center = (
                rng.random_range(0.0..height as f32),
                rng.random_range(0.0..width as f32),
            );
            let radius = radius * rng.random_range(0.75..1.25);
            let stretch = rng.random_range(0.8..1.25);
            let angle = rng.random_range(0.0..PI);
            let peak = rng.random_range(500.0..1_500.0);
            let reach = radius * 1.7;
            let span = |center: f32, size: usize| {
                let first = (center - reach).max(0.0) as usize;
                let end = ((center + reach).ceil() as usize + 1).min(size);
                (first.min(size - 1), end)
            };
            let (top, bottom) = span(center.0, height);
            let (left, right) = span(center.1, width);
            let (sin, cos) = angle.sin_cos();
            let footprint = Array2::from_shape_fn((bottom - top, right - left), |(y, x)| {
                let (dy, dx) = ((top + y) as f32 - center.0, (left + x) as f32 - center.1);
                let along = (dx * cos + dy * sin) * stretch / radius;
                let across = (dy * cos - dx * sin) / (stretch * radius);
                let distance2 = along * along + across * across;
                // A flat top with soft edges, darker where the nucleus is.
                peak * (-distance2 * distance2).exp() * (1.0 - 0.45 * (-distance2 * 6.0).exp())
            });
            Cell {
                top,
                left,
                footprint,
                rest: rng.random_range(0.02..0.25),
                event_rate_hz: rng.random_range(EVENT_RATE_HZ),
                decay_s: rng.random_range(DECAY_S),
                slow: 0.0,
                fast: 0.0,
            }
        })
        .collect()
}

/// Dark level, light that fades towards the edges from somewhere off the centre, and clouds of tissue out of focus.
fn background(height: usize, width: usize, rng: &mut StdRng) -> Array2<f32> {
    let bump = |size: usize, center: f32, sigma: f32| {
        Array1::from_shape_fn(size, |i| {
            let distance = ((i as f32 + 0.5) / size as f32 - center) / sigma;
            (-0.5 * distance * distance).exp()
        })
    };
    let mut light = Array2::from_elem((height, width), BLACK + 60.0);
    // The lamp first, then the clouds; each is a product of a column and a row.
    let mut add = |counts: f32, center: (f32, f32), sigma: (f32, f32)| {
        let (column, row) = (bump(height, center.0, sigma.0), bump(width, center.1, sigma.1));
        for (mut line, &weight) in light.axis_iter_mut(Axis(0)).zip(&column) {
            line.scaled_add(counts * weight, &row);
        }
    };
    let lamp = (rng.random_range(0.35..0.65), rng.random_range(0.35..0.65));
    add(260.0, lamp, (0.45, 0.45));
    for _ in 0..10 {
        let center = (rng.random_range(0.0..1.0), rng.random_range(0.0..1.0));
        let sigma = (rng.random_range(0.05..0.18), rng.random_range(0.05..0.18));
        add(rng.random_range(-70.0..120.0), center, sigma);
    }
    light
}

/// Normal deviate of variance 1: Box and Muller, A note on the generation of random normal deviates, 1958.
fn gaussian(rng: &mut StdRng) -> f32 {
    let radius = (-2.0 * (1.0 - rng.random::<f32>()).ln()).sqrt();
    radius * (TAU * rng.random::<f32>()).cos()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(height: usize, width: usize, seed: u64, count: usize) -> Vec<Array2<f32>> {
        let mut movie = Movie::new(height, width, 30.0, seed);
        (0..count)
            .map(|_| {
                let mut frame = Array2::zeros((height, width));
                movie.next_frame(|y, counts| frame.row_mut(y).assign(&Array1::from_vec(counts.to_vec())));
                frame
            })
            .collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_movie_and_another_seed_another() {
        let first = frames(40, 51, 7, 5);
        assert_eq!(first, frames(40, 51, 7, 5));
        assert_ne!(first, frames(40, 51, 8, 5));
    }

    #[test]
    fn any_shape_has_frames() {
        for (height, width) in [(1, 1), (1, 333), (333, 1), (3, 5), (127, 255)] {
            let frame = &frames(height, width, 1, 2)[1];
            assert!(frame.iter().all(|count| count.is_finite()), "{height}x{width}");
        }
    }

    #[test]
    fn noise_is_fresh_in_every_frame_and_row() {
        let movie = frames(64, 64, 3, 2);
        let mean_background = {
            let movie = Movie::new(64, 64, 30.0, 3);
            movie.background
        };
        let residual = |frame: &Array2<f32>, row: usize| &frame.row(row) - &mean_background.row(row);
        let correlation = |a: Array1<f32>, b: Array1<f32>| {
            let (a, b) = (&a - a.mean().unwrap(), &b - b.mean().unwrap());
            (&a * &b).sum() / ((&a * &a).sum() * (&b * &b).sum()).sqrt()
        };
        // A row where no cell is: only noise is left.
        let quiet = Movie::new(64, 64, 30.0, 3)
            .cells_of_row
            .iter()
            .position(Vec::is_empty);
        if let Some(row) = quiet {
            let between = correlation(residual(&movie[0], row), residual(&movie[1], row));
            assert!(between.abs() < 0.5, "{between}");
        }
        assert_ne!(movie[0], movie[1]);
    }

    #[test]
    fn cells_flare_and_decay() {
        let mut movie = Movie::new(128, 128, 30.0, 5);
        let mut traces = vec![Vec::new(); movie.cells.len()];
        for _ in 0..900 {
            movie.next_frame(|_, _| ());
            for (trace, cell) in traces.iter_mut().zip(&movie.cells) {
                trace.push(cell.activity());
            }
        }
        let flared = |trace: &&Vec<f32>| {
            let (low, high) = trace
                .iter()
                .fold((f32::MAX, f32::MIN), |(low, high), &a| (low.min(a), high.max(a)));
            high - low > 0.2
        };
        let share = traces.iter().filter(flared).count() as f32 / traces.len() as f32;
        assert!(share > 0.5, "{share} of the cells flared within 30 s");
        assert!(
            traces
                .iter()
                .flatten()
                .all(|&activity| (0.0..2.0).contains(&activity))
        );
    }
}
