//! How this machine is doing: CPU, memory, disk, network.

use std::collections::{HashSet, VecDeque};
use std::time::{Duration, Instant};

use protocol::metric::Data;
use protocol::{SeriesName, WallTime};
use sysinfo::{CpuRefreshKind, DiskRefreshKind, Disks, MemoryRefreshKind, Networks, RefreshKind, System};

use super::{Error, Reading, Source};
use crate::clock::Clock;
use crate::schedule::{Schedule, offset};

/// Three messages per tick, one per unit:
/// - `%`: `cpu` (all cores together, 0 to 100), `cpu 0`, `cpu 1`, … (each core), `memory`, `swap` and `disk <mount>`
///   (used share);
/// - `B`: `memory used`, `memory available`, `swap used`, `disk free <mount>`;
/// - `B/s` since the tick before: `disk read`, `disk written`, `network received`, `network sent` (without loopback).
pub struct Host {
    rate_hz: f64,
    schedule: Schedule,
    index: u64,
    measured: Instant,
    system: System,
    disks: Disks,
    networks: Networks,
    ready: VecDeque<Reading>,
}

type Samples = Vec<(String, f64)>;

impl Host {
    /// Ticks per second when none are asked for.
    pub const DEFAULT_RATE_HZ: f64 = 2.0;
    /// The kernel's CPU times are too coarse for more.
    pub const MAX_RATE_HZ: f64 = 5.0;

    /// Measures for the first time; loads and rates follow from the second on, which is the first to be handed out.
    ///
    /// # Errors
    /// When the system gives no information of a kind.
    pub fn open(rate_hz: f64, clock: &dyn Clock) -> Result<Self, Error> {
        let refuse = |what| {
            move |error: sysinfo::Error| Error::Host {
                what,
                reason: error.to_string(),
            }
        };
        let kind = RefreshKind::nothing()
            .with_cpu(CpuRefreshKind::nothing().with_usage())
            .with_memory(MemoryRefreshKind::everything());
        Ok(Self {
            rate_hz,
            schedule: Schedule::start(clock),
            index: 1,
            measured: clock.now(),
            system: System::new_with_specifics(kind).map_err(refuse("cpu and memory"))?,
            disks: Disks::new_with_refreshed_list_specifics(Self::disk_kind()).map_err(refuse("disk"))?,
            networks: Networks::new_with_refreshed_list().map_err(refuse("network"))?,
            ready: VecDeque::new(),
        })
    }

    fn disk_kind() -> DiskRefreshKind {
        DiskRefreshKind::nothing().with_storage().with_io_usage()
    }

    fn measure(&mut self, elapsed: Duration) -> [(&'static str, Samples); 3] {
        self.system.refresh_cpu_usage();
        self.system.refresh_memory();
        self.disks.refresh_specifics(true, Self::disk_kind());
        self.networks.refresh(true);

        let system = &self.system;
        let mut shares = vec![("cpu".to_owned(), f64::from(system.global_cpu_usage()))];
        let cores = system.cpus().iter().enumerate();
        shares.extend(cores.map(|(core, cpu)| (format!("cpu {core}"), f64::from(cpu.usage()))));
        shares.push((
            "memory".into(),
            percent(system.used_memory(), system.total_memory()),
        ));
        if system.total_swap() > 0 {
            shares.push(("swap".into(), percent(system.used_swap(), system.total_swap())));
        }
        let mut sizes = vec![
            ("memory used".to_owned(), system.used_memory() as f64),
            ("memory available".to_owned(), system.available_memory() as f64),
            ("swap used".to_owned(), system.used_swap() as f64),
        ];

        // A device may be mounted in several places, in containers above all: it is counted once.
        let mut devices = HashSet::new();
        let (mut read, mut written) = (0, 0);
        for disk in self.disks.iter().filter(|disk| disk.total_space() > 0) {
            if !devices.insert(disk.name().to_owned()) {
                continue;
            }
            let mount = disk.mount_point().display();
            let used = disk.total_space().saturating_sub(disk.available_space());
            shares.push((format!("disk {mount}"), percent(used, disk.total_space())));
            sizes.push((format!("disk free {mount}"), disk.available_space() as f64));
            read += disk.usage().read_bytes;
            written += disk.usage().written_bytes;
        }
        let (mut received, mut sent) = (0, 0);
        for (_, network) in self.networks.iter().filter(|(name, _)| *name != "lo") {
            received += network.received();
            sent += network.transmitted();
        }
        let per_s = |bytes: u64| bytes as f64 / elapsed.as_secs_f64().max(1e-3);
        let rates = vec![
            ("disk read".to_owned(), per_s(read)),
            ("disk written".to_owned(), per_s(written)),
            ("network received".to_owned(), per_s(received)),
            ("network sent".to_owned(), per_s(sent)),
        ];
        [("%", shares), ("B", sizes), ("B/s", rates)]
    }
}

fn percent(part: u64, whole: u64) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

/// A message; a mount point that makes no series name is left out.
fn reading(t: WallTime, unit: &str, samples: Samples) -> Reading {
    let named = samples.into_iter();
    let values = named.filter_map(|(name, value)| Some((name.parse::<SeriesName>().ok()?, value)));
    Reading {
        t,
        frame: None,
        unit: Some(unit.into()),
        data: Data::Values(values.collect()),
    }
}

impl Source for Host {
    fn read(&mut self, clock: &dyn Clock) -> Result<Option<Reading>, Error> {
        if let Some(reading) = self.ready.pop_front() {
            return Ok(Some(reading));
        }
        if !self.schedule.wait(offset(self.index, self.rate_hz), clock) {
            return Ok(None);
        }
        self.index += 1;
        let (now, t) = (clock.now(), clock.wall());
        let elapsed = now.saturating_duration_since(self.measured);
        self.measured = now;
        let units = self.measure(elapsed);
        self.ready = units
            .into_iter()
            .map(|(unit, samples)| reading(t, unit, samples))
            .collect();
        Ok(self.ready.pop_front())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::tests::Manual;

    #[test]
    fn a_tick_has_shares_sizes_and_rates_of_one_moment() {
        let clock = Manual::new();
        let mut host = Host::open(2.0, &clock).unwrap();
        let readings: Vec<_> = (0..3).map(|_| host.read(&clock).unwrap().unwrap()).collect();
        assert_eq!(clock.elapsed(), Duration::from_millis(500));
        assert!(readings.iter().all(|reading| reading.t == clock.wall()));
        let units: Vec<_> = readings
            .iter()
            .filter_map(|reading| reading.unit.as_deref())
            .collect();
        assert_eq!(units, ["%", "B", "B/s"]);
        let get = |index: usize, name: &str| -> f64 {
            let Data::Values(values) = &readings[index].data else {
                panic!("named values")
            };
            values
                .iter()
                .find(|(series, _)| series.as_str() == name)
                .unwrap()
                .1
        };
        assert!((0.0..=100.0).contains(&get(0, "cpu")));
        assert!((0.0..=100.0).contains(&get(0, "memory")) && get(0, "memory") > 0.0);
        assert!(get(1, "memory used") > 0.0);
        assert!(get(2, "network sent") >= 0.0);

        let next = host.read(&clock).unwrap().unwrap();
        assert_eq!(next.unit.as_deref(), Some("%"));
        assert_eq!(clock.elapsed(), Duration::from_secs(1));
    }
}
