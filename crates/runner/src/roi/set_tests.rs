use pixels::roi::Bounds;

use super::*;

fn name(name: &str) -> RoiName {
    name.parse().unwrap()
}

fn shape(height: u64, width: u64) -> Shape {
    Shape::new(height, width, 1).unwrap()
}

fn square(x: f64, side: f64) -> Arc<Roi> {
    Arc::new(Roi::Rectangle(Bounds {
        x,
        y: 0.0,
        width: side,
        height: side,
    }))
}

fn region(of: &str, roi: &Arc<Roi>) -> Region {
    Region {
        name: name(of),
        roi: roi.clone(),
    }
}

fn empty() -> Set {
    Set::remembered(Vec::new()).fitted_to(shape(100, 200))
}

fn names(set: &Set) -> Vec<&str> {
    set.regions().map(|region| region.name.as_str()).collect()
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, Refused>, words: &[&str]) {
    let Err(Refused::Invalid(text)) = result else {
        panic!("{result:?}");
    };
    for word in words {
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[test]
fn regions_are_added_changed_renamed_and_removed() {
    let (set, added) = empty().added(None, square(0.0, 4.0)).unwrap();
    assert_eq!(added.name, name("roi1"));
    let (set, _) = set.added(Some(name("roi3")), square(10.0, 4.0)).unwrap();
    let (set, _) = set.added(None, square(20.0, 4.0)).unwrap();
    let (set, _) = set.added(None, square(30.0, 4.0)).unwrap();
    assert_eq!(names(&set), ["roi1", "roi3", "roi2", "roi4"]);
    assert_eq!(set.revision, 4);

    let (edited, changed) = set
        .changed(&name("roi3"), Some(name("soma")), Some(square(0.0, 2.0)))
        .unwrap();
    assert_eq!(names(&edited.set), ["roi1", "soma", "roi2", "roi4"]);
    assert_eq!(edited.renamed, Some((name("roi3"), name("soma"))));
    assert_eq!(changed, region("soma", &square(0.0, 2.0)));
    let pixels = |set: &Set, of: &str| set.get(&name(of)).unwrap().mask.as_ref().unwrap().pixels();
    assert_eq!(
        (pixels(&edited.set, "soma"), pixels(&edited.set, "roi1")),
        (4, 16)
    );

    let (same, _) = edited
        .set
        .changed(&name("soma"), Some(name("soma")), None)
        .unwrap();
    assert_eq!(same.renamed, None);
    let set = same.set.without(&name("roi1")).unwrap();
    assert_eq!(names(&set), ["soma", "roi2", "roi4"]);
    let (set, added) = set.added(None, square(0.0, 4.0)).unwrap();
    assert_eq!(added.name, name("roi1"));
    for missing in [
        set.without(&name("never")).map(|_| ()),
        set.changed(&name("never"), None, None).map(|_| ()),
    ] {
        assert_eq!(
            missing,
            Err(Refused::NotFound("there is no region \"never\"".into()))
        );
    }
}

#[test]
fn what_is_wrong_is_refused_by_its_place() {
    let (set, _) = empty().added(Some(name("a")), square(0.0, 4.0)).unwrap();
    refused(
        set.added(Some(name("a")), square(0.0, 4.0)),
        &["name is \"a\"", "expected another"],
    );
    refused(
        set.added(None, square(198.0, 4.0)),
        &["shape: rectangle reaches (202, 4)"],
    );
    let (two, _) = set.added(Some(name("b")), square(0.0, 4.0)).unwrap();
    refused(two.changed(&name("b"), Some(name("a")), None), &["name is \"a\""]);
    let good = region("c", &square(0.0, 4.0));
    refused(
        set.replaced(vec![good.clone(), region("d", &square(-1.0, 4.0))]),
        &["rois[1].shape: rectangle reaches (-1, 0)"],
    );
    refused(
        set.replaced(vec![good.clone(), good.clone()]),
        &["rois[1].name is \"c\""],
    );
    let many = (0..=MAX_REGIONS).map(|n| region(&format!("r{n}"), &good.roi));
    refused(
        set.replaced(many.collect()),
        &["1001 regions: expected at most 1000"],
    );
    let round = |corner: usize| {
        let angle = corner as f64 / 1_000.0 * std::f64::consts::TAU;
        [50.0 + 9.0 * angle.cos(), 50.0 + 9.0 * angle.sin()]
    };
    let disc = Arc::new(Roi::Polygon((0..1_000).map(round).collect()));
    let many = (0..251).map(|n| region(&format!("r{n}"), &disc));
    refused(
        set.replaced(many.collect()),
        &["rois[250].shape: too many vertices", "250000"],
    );
    // And all is as it was.
    assert_eq!((names(&set), set.revision), (vec!["a"], 1));
}

#[test]
fn all_regions_together_have_a_bound() {
    let tall = Set::remembered(Vec::new()).fitted_to(shape(16_384, 10));
    let stripe = Arc::new(Roi::Rectangle(Bounds {
        x: 0.0,
        y: 0.0,
        width: 10.0,
        height: 16_384.0,
    }));
    let stripes = |count: usize| (0..count).map(|n| region(&format!("r{n}"), &stripe)).collect();
    let set = tall.replaced(stripes(64)).unwrap();
    refused(
        tall.replaced(stripes(65)),
        &["rois[64].shape: the regions are too intricate"],
    );
    refused(set.added(None, stripe.clone()), &["too intricate"]);
    // Nor do they get over it where they were not judged.
    let fitted = Set::remembered(stripes(65)).fitted_to(shape(16_384, 10));
    let measured = fitted.fitted().iter().filter(|fitted| fitted.mask.is_some());
    assert_eq!(measured.count(), 64);
}

#[test]
fn what_does_not_fit_waits_and_is_not_judged_again() {
    let regions = vec![
        region("near", &square(0.0, 4.0)),
        region("far", &square(100.0, 4.0)),
    ];
    let set = Set::remembered(regions.clone());
    assert!(!set.fits(shape(50, 50)) && set.fitted().iter().all(|fitted| fitted.mask.is_none()));
    let small = set.fitted_to(shape(50, 50));
    assert!(small.fits(Shape::new(50, 50, 3).unwrap()) && !small.fits(shape(50, 51)));
    let measured =
        |set: &Set| -> Vec<bool> { set.fitted().iter().map(|fitted| fitted.mask.is_some()).collect() };
    assert_eq!(measured(&small), [true, false]);
    // The same list again, as a page sends it, and another region beside it.
    let again: Vec<Region> = regions
        .iter()
        .map(|old| region(old.name.as_str(), &Arc::new((*old.roi).clone())))
        .collect();
    let small = small.replaced(again).unwrap();
    assert_eq!(measured(&small), [true, false]);
    let (small, _) = small.added(None, square(2.0, 4.0)).unwrap();
    let (edited, _) = small.changed(&name("far"), Some(name("away")), None).unwrap();
    refused(
        edited.set.changed(&name("away"), None, Some(square(60.0, 2.0))),
        &["reaches (60, 0)"],
    );
    let large = edited.set.fitted_to(shape(200, 200));
    assert_eq!(measured(&large), [true; 3]);
    assert_eq!(large.revision, edited.set.revision);
}
