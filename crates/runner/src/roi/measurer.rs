//! What the frames of one stream are measured to be.

use std::collections::HashMap;
use std::sync::Arc;

use pixels::{Brightness, Roi, Statistics};
use protocol::frame::Shape;
use protocol::{Dtype, Frame, SeriesName};

use super::baseline::Baseline;
use super::name::FRAME;
use super::set::Fitted;
use super::{Region, RoiName, Set};
use crate::series::Measured;

/// What the series of a region are called after its name. All but the last one are in the unit of the frame.
const SERIES: [&str; 6] = ["mean", "min", "max", "sum", "std", "dff"];

/// The names of a region's series.
pub fn series(name: &RoiName) -> [SeriesName; SERIES.len()] {
    SERIES.map(|of| of_frame(name.as_str(), of))
}

fn of_frame(name: &str, of: &str) -> SeriesName {
    format!("{name}.{of}").parse().expect("two short names are one")
}

/// Measures frame after frame of one stream.
#[derive(Debug)]
pub struct Measurer {
    mean: SeriesName,
    max: SeriesName,
    /// Of which frames the baselines are.
    format: Option<(Shape, Dtype)>,
    /// Of which set the traces are, and in its order.
    revision: Option<u64>,
    traces: Vec<Trace>,
    /// In which set and shape regions that do not fit were told.
    told: Option<(u64, Shape)>,
}

/// What goes on from frame to frame of a region.
#[derive(Debug)]
struct Trace {
    roi: Arc<Roi>,
    names: [SeriesName; SERIES.len()],
    baseline: Baseline,
}

impl Default for Measurer {
    fn default() -> Self {
        Self {
            mean: of_frame(FRAME, "mean"),
            max: of_frame(FRAME, "max"),
            format: None,
            revision: None,
            traces: Vec::new(),
            told: None,
        }
    }
}

/// What each region of a set holds in a frame; `None` of those that do not fit in it.
pub fn statistics(set: &Set, frame: &Frame) -> Vec<Option<Statistics>> {
    let of = |fitted: &Fitted| {
        let mask = fitted.mask.as_ref()?;
        Some(mask.statistics(&frame.format, &frame.payload))
    };
    set.fitted().iter().map(of).collect()
}

impl Measurer {
    /// What there is to say of a frame, the next one of its stream.
    pub fn values<'a>(
        &'a mut self,
        frame: &'a Frame,
        brightness: Brightness,
        set: &Set,
        statistics: &[Option<Statistics>],
    ) -> impl Iterator<Item = Measured<'a>> {
        self.follow(frame, set);
        let unit = frame.format.unit.as_deref();
        let measured = move |name, value| Measured { name, unit, value };
        let of_frame = [
            measured(&self.mean, brightness.mean),
            measured(&self.max, brightness.max),
        ];
        let mut of_regions = Vec::with_capacity(SERIES.len() * statistics.len());
        for (trace, statistics) in self.traces.iter_mut().zip(statistics) {
            let Some(Statistics {
                mean,
                min,
                max,
                sum,
                std,
                ..
            }) = *statistics
            else {
                continue;
            };
            let change = trace.baseline.relative_change(frame.stamp.t, mean);
            let [names @ .., dff] = &trace.names;
            let values = [mean, min, max, sum, std];
            of_regions.extend(
                names
                    .iter()
                    .zip(values)
                    .map(|(name, value)| measured(name, value)),
            );
            of_regions.push(Measured {
                name: dff,
                unit: None,
                value: change,
            });
        }
        of_frame.into_iter().chain(of_regions)
    }

    /// Goes on with the traces of regions that are what they were, in frames like those before.
    fn follow(&mut self, frame: &Frame, set: &Set) {
        let format = Some((frame.format.shape, frame.format.dtype));
        if self.format != format {
            // Other pixels or other numbers: another light.
            (self.format, self.revision) = (format, None);
            self.traces.clear();
        }
        if self.revision == Some(set.revision) {
            return;
        }
        self.revision = Some(set.revision);
        // A region that got another name shares its corners with the one that it was.
        let mut known: HashMap<*const Roi, Trace> = self
            .traces
            .drain(..)
            .map(|trace| (Arc::as_ptr(&trace.roi), trace))
            .collect();
        let trace = |region: &Region| Trace {
            baseline: known
                .remove(&Arc::as_ptr(&region.roi))
                .map(|trace| trace.baseline)
                .unwrap_or_default(),
            names: series(&region.name),
            roi: region.roi.clone(),
        };
        self.traces = set.regions().map(trace).collect();
    }

    /// The regions that do not fit in frames of this shape, said once.
    pub fn misfits(&mut self, set: &Set, shape: Shape) -> Option<String> {
        let now = Some((set.revision, shape));
        if std::mem::replace(&mut self.told, now) == now {
            return None;
        }
        let mut misfits = set.fitted().iter().filter(|fitted| fitted.mask.is_none());
        let Region { name, roi } = &misfits.next()?.region;
        let why = roi.mask(shape).err().unwrap_or(pixels::Error::Intricate);
        let more = match misfits.count() {
            0 => String::new(),
            count => format!("; {count} more do not fit either"),
        };
        let name = name.as_str();
        Some(format!(
            "region {name:?} is not measured in frames of {shape}: {why}{more}"
        ))
    }
}

#[cfg(test)]
#[path = "measurer_tests.rs"]
mod tests;
