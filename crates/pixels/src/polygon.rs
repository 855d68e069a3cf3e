//! Polygons whose edges do not cross, and the pixels in them.

use std::cmp::Ordering;

use crate::roi::{MAX_VERTICES, centres};
use crate::{Error, Mask};

type Point = [f64; 2];

/// A closed line that does not meet itself.
pub(crate) struct Polygon {
    /// Each the start of an edge to the next one; no two neighbours are the same.
    vertices: Vec<Point>,
}

impl Polygon {
    /// # Errors
    /// [`Error::Vertices`] or [`Error::SelfCrossing`].
    pub(crate) fn new(vertices: &[Point]) -> Result<Self, Error> {
        if vertices.len() > MAX_VERTICES {
            return Err(Error::Vertices(vertices.len()));
        }
        // Drawing tools like to repeat the first corner at the end.
        let mut vertices = vertices.to_vec();
        vertices.dedup();
        while vertices.len() > 1 && vertices.first() == vertices.last() {
            vertices.pop();
        }
        if vertices.len() < 3 {
            return Err(Error::Vertices(vertices.len()));
        }
        let polygon = Self { vertices };
        match polygon.crossing() {
            Some((one, other)) => Err(Error::SelfCrossing(one, other)),
            None => Ok(polygon),
        }
    }

    fn edge(&self, index: usize) -> [Point; 2] {
        let next = (index + 1) % self.vertices.len();
        [self.vertices[index], self.vertices[next]]
    }

    /// Two edges that meet where they should not.
    fn crossing(&self) -> Option<(usize, usize)> {
        let edges = self.vertices.len();
        // Only edges that overlap along x can meet.
        let extent = |index: usize| {
            let [[a, _], [b, _]] = self.edge(index);
            (a.min(b), a.max(b))
        };
        let mut by_start: Vec<usize> = (0..edges).collect();
        by_start.sort_by(|&a, &b| extent(a).0.total_cmp(&extent(b).0));
        for (place, &one) in by_start.iter().enumerate() {
            let end = extent(one).1;
            let near = by_start[place + 1..]
                .iter()
                .take_while(|&&other| extent(other).0 <= end);
            for &other in near {
                let (first, second) = (one.min(other), one.max(other));
                let meet = if second - first == 1 {
                    turns_back(self.edge(first), self.edge(second))
                } else if first == 0 && second == edges - 1 {
                    turns_back(self.edge(second), self.edge(first))
                } else {
                    meet(self.edge(first), self.edge(second))
                };
                if meet {
                    return Some((first, second));
                }
            }
        }
        None
    }

    /// Adds the pixels inside, row by row.
    ///
    /// # Errors
    /// [`Error::Intricate`] for more than `room` runs of pixels; before memory is taken for them.
    pub(crate) fn add_to(&self, mask: &mut Mask, room: usize) -> Result<(), Error> {
        let rows_of = |[[_, a], [_, b]]: [Point; 2]| centres(a.min(b), a.max(b));
        let edges = || (0..self.vertices.len()).map(|index| self.edge(index));
        // Two to a run.
        let crossings: usize = edges().map(|edge| rows_of(edge).len()).sum();
        if crossings / 2 > room {
            return Err(Error::Intricate);
        }
        let mut crossings = Vec::with_capacity(crossings);
        for edge in edges() {
            let [[x0, y0], [x1, y1]] = edge;
            for row in rows_of(edge) {
                let share = (f64::from(row) + 0.5 - y0) / (y1 - y0);
                crossings.push((row, x0 + share * (x1 - x0)));
            }
        }
        crossings.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        // A closed line crosses a row an even number of times.
        for [(row, enter), (_, leave)] in crossings.as_chunks().0 {
            mask.add(*row, centres(*enter, *leave));
        }
        Ok(())
    }
}

/// On which side of the line through `a` and `b` the point `c` is.
fn side([a, b]: [Point; 2], c: Point) -> Ordering {
    let cross = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
    // Coordinates are those of a frame: finite.
    cross.partial_cmp(&0.0).unwrap_or(Ordering::Equal)
}

/// Whether a point on the line through an edge is on the edge itself.
fn is_between([a, b]: [Point; 2], c: Point) -> bool {
    let within = |axis: usize| (a[axis].min(b[axis])..=a[axis].max(b[axis])).contains(&c[axis]);
    within(0) && within(1)
}

/// Whether two edges have a point in common.
fn meet(one: [Point; 2], other: [Point; 2]) -> bool {
    let [a, b] = other.map(|point| side(one, point));
    let [c, d] = one.map(|point| side(other, point));
    if a != b && c != d {
        return true;
    }
    let touches = |edge, point, side| side == Ordering::Equal && is_between(edge, point);
    touches(one, other[0], a)
        || touches(one, other[1], b)
        || touches(other, one[0], c)
        || touches(other, one[1], d)
}

/// Whether an edge runs back over the one that it continues.
fn turns_back(one: [Point; 2], next: [Point; 2]) -> bool {
    let [start, corner] = one;
    let end = next[1];
    let backwards =
        (corner[0] - start[0]) * (end[0] - corner[0]) + (corner[1] - start[1]) * (end[1] - corner[1]);
    side(one, end) == Ordering::Equal && backwards < 0.0
}
