//! All regions of a stream at a moment, and their pixels in frames of one shape.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use pixels::roi::MAX_SPANS;
use pixels::{Error, Mask, Roi};
use protocol::frame::Shape;

use super::region::{MAX_REGIONS, Region, Regions};
use super::{Refused, RoiName};

/// Most corners of all regions of a stream together: a thousand of 250, or 4 MB.
const MAX_VERTICES: usize = 250_000;

/// Never changed: who wants others makes another one.
#[derive(Clone, Debug)]
pub struct Set {
    /// How many changes of this run led to it.
    pub revision: u64,
    /// Height and width of the frames that the masks are of; `None`: no frame has been looked at.
    shape: Option<Shape>,
    regions: Vec<Fitted>,
}

/// A region, and what it is in frames of the set's shape.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// As it was asked for.
    pub region: Region,
    /// Its pixels; `None` if it does not fit.
    pub mask: Option<Arc<Mask>>,
}

/// Another set, and what became of names.
#[derive(Debug)]
pub struct Edited {
    /// The set.
    pub set: Arc<Set>,
    /// A region that has another name now: the old and the new one.
    pub renamed: Option<(RoiName, RoiName)>,
}

impl From<Set> for Edited {
    fn from(set: Set) -> Self {
        Self {
            set: Arc::new(set),
            renamed: None,
        }
    }
}

impl Set {
    /// Regions that were good once. They wait for frames that they fit in.
    pub fn remembered(regions: Vec<Region>) -> Self {
        let unfitted = |region| Fitted { region, mask: None };
        Self {
            revision: 0,
            shape: None,
            regions: regions.into_iter().map(unfitted).collect(),
        }
    }

    /// The same regions in frames of `shape`.
    pub fn fitted_to(&self, shape: Shape) -> Self {
        let mut room = MAX_SPANS;
        let fit = |region: &Region| {
            let mask = region.roi.mask_within(shape, room).map(Arc::new).ok();
            room -= spans(mask.as_ref());
            Fitted {
                region: region.clone(),
                mask,
            }
        };
        Self {
            revision: self.revision,
            shape: Some(shape),
            regions: self.regions().map(fit).collect(),
        }
    }

    /// Whether its masks are of frames of this height and width.
    pub fn fits(&self, shape: Shape) -> bool {
        let size = |shape: Shape| (shape.height(), shape.width());
        self.shape.is_some_and(|own| size(own) == size(shape))
    }

    /// Every region, in the order in which they were asked for.
    pub fn regions(&self) -> impl ExactSizeIterator<Item = &Region> {
        self.regions.iter().map(|fitted| &fitted.region)
    }

    /// The same, with their pixels.
    pub fn fitted(&self) -> &[Fitted] {
        &self.regions
    }

    /// What another run is to know of them.
    pub fn to_remember(&self) -> Regions {
        Regions::from_distinct(self.regions().cloned().collect())
    }

    /// How many.
    pub const fn len(&self) -> usize {
        self.regions.len()
    }

    /// The region of a name.
    pub fn get(&self, name: &RoiName) -> Option<&Fitted> {
        self.regions.iter().find(|fitted| fitted.region.name == *name)
    }

    /// `wanted` instead of these. What is there already is not judged again: it may wait for frames that it fits in.
    ///
    /// # Errors
    /// Names the place in `wanted` of the first region that is wrong, and how.
    pub fn replaced(&self, wanted: Vec<Region>) -> Result<Self, Refused> {
        self.with(wanted)
            .map_err(|(index, error)| Refused::Invalid(format!("rois[{index}].{error}")))
    }

    /// One region more, with the first free of `roi1`, `roi2`, … for a name if it has none.
    ///
    /// # Errors
    /// The name is taken, there are too many, or `roi` is wrong.
    pub fn added(&self, name: Option<RoiName>, roi: Arc<Roi>) -> Result<(Self, Region), Refused> {
        let name = name.unwrap_or_else(|| self.free_name());
        let region = Region { name, roi };
        let wanted = self.regions().cloned().chain([region.clone()]);
        Ok((self.with_one_changed(wanted.collect())?, region))
    }

    fn free_name(&self) -> RoiName {
        let taken: HashSet<&RoiName> = self.regions().map(|region| &region.name).collect();
        let mut names = (1..).map(RoiName::numbered);
        names
            .find(|name| !taken.contains(name))
            .expect("there are more numbers than regions")
    }

    /// The region called `name` with another name or other pixels.
    ///
    /// # Errors
    /// There is none, the new name is taken, or `roi` is wrong.
    pub fn changed(
        &self,
        name: &RoiName,
        new: Option<RoiName>,
        roi: Option<Arc<Roi>>,
    ) -> Result<(Edited, Region), Refused> {
        let mut wanted: Vec<Region> = self.regions().cloned().collect();
        let Some(region) = wanted.iter_mut().find(|region| region.name == *name) else {
            return Err(Refused::none_of_that_name(name));
        };
        let renamed = new.filter(|new| new != name).map(|new| (name.clone(), new));
        if let Some((_, new)) = &renamed {
            region.name = new.clone();
        }
        if let Some(roi) = roi.filter(|roi| *roi != region.roi) {
            region.roi = roi;
        }
        let region = region.clone();
        let set = Arc::new(self.with_one_changed(wanted)?);
        Ok((Edited { set, renamed }, region))
    }

    /// One region less.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn without(&self, name: &RoiName) -> Result<Self, Refused> {
        let mut set = self.clone();
        set.regions.retain(|fitted| fitted.region.name != *name);
        if set.len() == self.len() {
            return Err(Refused::none_of_that_name(name));
        }
        set.revision += 1;
        Ok(set)
    }

    fn with_one_changed(&self, wanted: Vec<Region>) -> Result<Self, Refused> {
        self.with(wanted).map_err(|(_, error)| Refused::Invalid(error))
    }

    /// The set of `wanted`, or which of them is wrong in its field, and how.
    fn with(&self, wanted: Vec<Region>) -> Result<Self, (usize, String)> {
        if wanted.len() > MAX_REGIONS {
            let error = format!("shape: {} regions: expected at most {MAX_REGIONS}", wanted.len());
            return Err((MAX_REGIONS, error));
        }
        let by_name: HashMap<&RoiName, &Fitted> =
            self.regions.iter().map(|old| (&old.region.name, old)).collect();
        // One that got another name shares its corners with the one that it was.
        let by_roi: HashMap<*const Roi, &Fitted> = self
            .regions
            .iter()
            .map(|old| (Arc::as_ptr(&old.region.roi), old))
            .collect();
        let mut names = HashSet::new();
        let (mut vertices, mut room) = (MAX_VERTICES, MAX_SPANS);
        let mut regions = Vec::with_capacity(wanted.len());
        for (index, mut region) in wanted.into_iter().enumerate() {
            let wrong = |error: String| (index, error);
            if !names.insert(region.name.clone()) {
                let name = &region.name;
                return Err(wrong(format!(
                    "name is {:?}: expected another one, for a region has it",
                    name.as_str()
                )));
            }
            vertices = vertices.checked_sub(region.vertices()).ok_or_else(|| {
                wrong(format!(
                    "shape: too many vertices: expected at most {MAX_VERTICES} of all regions together"
                ))
            })?;
            let same = by_name
                .get(&region.name)
                .filter(|old| old.region.roi == region.roi)
                .or_else(|| by_roi.get(&Arc::as_ptr(&region.roi)));
            let mask = match same {
                Some(same) => {
                    region.roi = same.region.roi.clone();
                    same.mask.clone()
                }
                None => {
                    let mask = self.shape.map(|shape| region.roi.mask_within(shape, room));
                    let mask = mask
                        .transpose()
                        .map_err(|error| wrong(format!("shape: {error}")))?;
                    mask.map(Arc::new)
                }
            };
            room = room
                .checked_sub(spans(mask.as_ref()))
                .ok_or_else(|| wrong(format!("shape: {}", Error::Intricate)))?;
            regions.push(Fitted { region, mask });
        }
        Ok(Self {
            revision: self.revision + 1,
            shape: self.shape,
            regions,
        })
    }
}

fn spans(mask: Option<&Arc<Mask>>) -> usize {
    mask.map_or(0, |mask| mask.spans().len())
}

#[cfg(test)]
#[path = "set_tests.rs"]
mod tests;
