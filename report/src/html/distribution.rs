//! How long things took, drawn: percentiles as lines, and a histogram as bars.

use std::collections::BTreeMap;

use assay_load::bins::{self, Bin};

use super::{
    plot::{Axis, Bar, Line, MAX_ROWS, Plot, Table},
    scale::Scale,
};
use crate::words::time;

/// Lines of a plot: more are not told apart.
pub(super) const MAX_LINES: usize = 6;
/// Bars of a histogram. If there are more bins, neighbours share one.
const MAX_BARS: usize = 64;
/// How often the eight bins of a doubling can be halved.
const MAX_HALVINGS: u32 = 3;
/// Shares that get a tick and a row, as the one of 1 / (1 - share) that is drawn.
const SHARES: [(f64, &str); 7] = [
    (1.0, "0 %"),
    (2.0, "50 %"),
    (10.0, "90 %"),
    (100.0, "99 %"),
    (1_000.0, "99.9 %"),
    (10_000.0, "99.99 %"),
    (100_000.0, "99.999 %"),
];

/// A distribution by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Named {
    pub(super) name: String,
    /// By the greatest time of each bin.
    bins: BTreeMap<u64, u64>,
}

impl Named {
    pub(super) fn new(name: String) -> Self {
        Self {
            name,
            bins: BTreeMap::new(),
        }
    }

    /// Takes in further times.
    pub(super) fn add(&mut self, bins: &[Bin]) {
        for bin in bins {
            let count = self.bins.entry(bin.up_to).or_default();
            *count = count.saturating_add(bin.count);
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.bins
            .values()
            .fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// The end of the bin in which a share of all lies, from 0 to 1. None if it is empty.
    fn at(&self, share: f64) -> Option<u64> {
        let wanted = share * as_figure(self.count());
        let mut sum = 0;
        for (up_to, count) in &self.bins {
            sum += count;
            if as_figure(sum) >= wanted {
                return Some(*up_to);
            }
        }
        self.bins.keys().next_back().copied()
    }

    /// From the least to the greatest: the one of 1 / (1 - share) up to a bin, and its end. The last one, up to which all of them are, is drawn
    /// as if it were half of one missing.
    fn curve(&self) -> Vec<(f64, u64)> {
        let all = as_figure(self.count());
        let mut sum = 0;
        let first = self
            .bins
            .keys()
            .next()
            .map(|up_to| (1.0, bins::start(*up_to)));
        let points = self.bins.iter().map(|(up_to, count)| {
            sum += count;
            let beyond = (all - as_figure(sum)).max(0.5);
            (all / beyond, *up_to)
        });
        first.into_iter().chain(points).collect()
    }
}

/// A line for each distribution, to the same axes. None if all are empty.
pub(super) fn percentiles(title: &str, named: &[Named]) -> Option<Plot> {
    let named: Vec<&Named> = named
        .iter()
        .filter(|named| named.count() > 0)
        .take(MAX_LINES)
        .collect();
    let curves: Vec<_> = named.iter().map(|named| named.curve()).collect();
    let points = || curves.iter().flatten();
    let least = points().map(|(_, nanoseconds)| *nanoseconds).min()?;
    let most = points().map(|(_, nanoseconds)| *nanoseconds).max()?;
    let rarest = points().map(|(share, _)| *share).fold(10.0, f64::max);
    let x = Scale::between(0.0, rarest.log10());
    let y = Scale::factors(as_figure(least.max(1)), as_figure(most.max(1)));
    let shares = SHARES.iter().filter(|(share, _)| *share <= rarest);
    let ticks: Vec<f64> = shares.map(|(share, _)| share.log10()).collect();
    let lines = named
        .iter()
        .zip(&curves)
        .enumerate()
        .map(|(place, (named, curve))| {
            let points: Vec<(f64, f64)> = curve
                .iter()
                .map(|(share, nanoseconds)| (share.log10(), as_figure(*nanoseconds)))
                .collect();
            Line::through(&named.name, place + 1, &points, &x, &y)
        });
    Some(Plot {
        title: title.to_owned(),
        summary: summary(&named),
        x: Axis::across(&x, &ticks, label_of_share).named("share that was as fast or faster"),
        y: times_upward(&y),
        lines: lines.collect(),
        bars: Vec::new(),
        table: table(&named, rarest),
    })
}

fn summary(named: &[&Named]) -> String {
    let of = |named: &&Named| {
        let at = |share| named.at(share).map_or_else(|| "none".to_owned(), time);
        format!(
            "{}: half within {}, 99 % within {}",
            named.name,
            at(0.5),
            at(0.99)
        )
    };
    named.iter().map(of).collect::<Vec<_>>().join("; ")
}

fn table(named: &[&Named], rarest: f64) -> Table {
    let heads = named.iter().map(|named| named.name.clone());
    let shares = SHARES.iter().skip(1).filter(|(share, _)| *share <= rarest);
    let rows = shares.map(|(share, label)| {
        let figures = named.iter().map(|named| {
            let found = named.at(1.0 - 1.0 / share);
            found.map_or_else(|| "none".to_owned(), time)
        });
        std::iter::once((*label).to_owned())
            .chain(figures)
            .collect()
    });
    Table {
        head: std::iter::once("within".to_owned()).chain(heads).collect(),
        rows: rows.collect(),
    }
}

fn label_of_share(place: f64) -> String {
    let found = SHARES
        .iter()
        .find(|(share, _)| (share.log10() - place).abs() < 1e-9);
    found.map_or_else(String::new, |(_, label)| (*label).to_owned())
}

/// How many took how long. None if it is empty.
pub(super) fn histogram(title: &str, named: &Named) -> Option<Plot> {
    let bars = merged(&named.bins);
    let (least, most) = (bars.first()?.0, bars.last()?.1);
    let highest = bars.iter().map(|(.., count)| *count).max()?;
    let x = Scale::factors(as_figure(least.max(1)), as_figure(most.max(1)));
    let y = Scale::from_zero(as_figure(highest));
    let drawn = bars.iter().map(|(from, to, count)| {
        let sides = (as_figure((*from).max(1)), as_figure(to.saturating_add(1)));
        let mut bar = Bar::over("calm", sides, (0.0, as_figure(*count)), &x, &y);
        bar.title = format!("{count} from {} to {}", time(*from), time(*to));
        bar
    });
    let rows = bars
        .chunks(bars.len().div_ceil(MAX_ROWS).max(1))
        .map(|bars| {
            let count: u64 = bars.iter().map(|(.., count)| count).sum();
            vec![
                time(bars[0].0),
                time(bars[bars.len() - 1].1),
                count.to_string(),
            ]
        });
    Some(Plot {
        title: title.to_owned(),
        summary: format!(
            "{} from {} to {}; at most {highest} in a bar",
            named.count(),
            time(least),
            time(most)
        ),
        x: Axis::across(&x, &x.ticks(6), time_of).named("time, each step a factor"),
        y: Axis::upward(&y, &whole(y.ticks(3)), |tick| format!("{tick:.0}")),
        lines: Vec::new(),
        bars: drawn.collect(),
        table: Table {
            head: ["from", "to", "how many"].map(str::to_owned).to_vec(),
            rows: rows.collect(),
        },
    })
}

/// From, to and how many, of about [`MAX_BARS`] at most: all of them are equal parts of a doubling.
fn merged(bins: &BTreeMap<u64, u64>) -> Vec<(u64, u64, u64)> {
    let mut bars = Vec::new();
    for halvings in 0..=MAX_HALVINGS {
        bars.clear();
        for (up_to, count) in bins {
            let (from, to) = part(*up_to, halvings);
            match bars.last_mut() {
                Some((_, last, sum)) if *last == to => *sum += count,
                _ => bars.push((from, to, *count)),
            }
        }
        if bars.len() <= MAX_BARS {
            break;
        }
    }
    bars
}

/// The part of a doubling in which a bin lies, if a doubling has eight of them, or half as many for each halving.
fn part(up_to: u64, halvings: u32) -> (u64, u64) {
    match up_to.checked_ilog2() {
        Some(doubling) if doubling > MAX_HALVINGS => {
            let width = 1 << (doubling - MAX_HALVINGS + halvings);
            let from = up_to / width * width;
            (from, from + (width - 1))
        }
        _ => (up_to, up_to),
    }
}

/// The ticks that a count can have.
fn whole(mut ticks: Vec<f64>) -> Vec<f64> {
    ticks.retain(|tick| tick.fract() < 1e-9);
    ticks
}

/// An axis of times.
pub(super) fn times_upward(scale: &Scale) -> Axis {
    Axis::upward(scale, &scale.ticks(5), time_of)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a tick of an axis of times lies between two of them"
)]
pub(super) fn time_of(tick: f64) -> String {
    if tick < 1.0 {
        return "0".to_owned();
    }
    let told = time(tick.round() as u64);
    // 10.0 ms on a tick says no more than 10 ms.
    match told.split_once(' ') {
        Some((number, unit)) if number.contains('.') => {
            let number = number.trim_end_matches('0').trim_end_matches('.');
            format!("{number} {unit}")
        }
        _ => told,
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "nobody sees more than four digits of it"
)]
pub(super) fn as_figure(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(bins: &[(u64, u64)]) -> Named {
        let mut named = Named::new("all".to_owned());
        let bins: Vec<Bin> = bins
            .iter()
            .map(|(up_to, count)| Bin {
                up_to: *up_to,
                count: *count,
            })
            .collect();
        named.add(&bins);
        named
    }

    #[test]
    fn percentiles_are_where_the_bins_have_them() {
        let named = named(&[(1_048_575, 90), (8_388_607, 9), (2_147_483_647, 1)]);
        for (share, end) in [
            (0.0, 1_048_575),
            (0.5, 1_048_575),
            (0.9, 1_048_575),
            (0.91, 8_388_607),
            (0.99, 8_388_607),
            (1.0, 2_147_483_647),
        ] {
            assert_eq!(named.at(share), Some(end), "{share}");
        }
        let plot = percentiles("all", &[named]).unwrap();
        assert_eq!(plot.lines.len(), 1);
        let ticks: Vec<_> = plot
            .x
            .ticks
            .iter()
            .map(|tick| tick.label.as_str())
            .collect();
        assert_eq!(ticks, ["0 %", "50 %", "90 %", "99 %"]);
        assert!(
            plot.summary.contains("99 % within 8.39 ms"),
            "{}",
            plot.summary
        );
    }

    #[test]
    fn the_slowest_of_all_is_drawn_however_rare() {
        let named = named(&[(1_048_575, 1_000_000), (8_589_934_591, 1)]);
        let plot = percentiles("all", std::slice::from_ref(&named)).unwrap();
        assert!(
            plot.lines[0]
                .path
                .contains(&format!("L{} ", super::super::plot::WIDTH)),
            "{:?}",
            plot.lines
        );
        let bars = histogram("all", &named).unwrap().bars;
        assert_eq!(bars.len(), 2);
        assert!(bars[1].title.starts_with("1 from"), "{bars:?}");
    }

    #[test]
    fn nothing_has_no_plot_and_many_bins_have_few_bars() {
        assert!(percentiles("none", &[named(&[])]).is_none());
        assert!(histogram("none", &named(&[])).is_none());
        let bins: Vec<Bin> = (10..40)
            .flat_map(|doubling| (8..16).map(move |part| ((part + 1) << doubling) - 1))
            .map(|up_to| Bin { up_to, count: 1 })
            .collect();
        let mut many = Named::new("many".to_owned());
        many.add(&bins);
        let plot = histogram("many", &many).unwrap();
        assert!(plot.bars.len() <= MAX_BARS, "{}", plot.bars.len());
        assert!(plot.table.rows.len() <= MAX_ROWS);
        let sum: u64 = merged(&many.bins).iter().map(|(.., count)| count).sum();
        assert_eq!(sum, many.count());
    }

    #[test]
    fn bars_that_share_no_edge_are_not_drawn_as_one() {
        let far_apart = named(&[(1_151, 1), (18_431, 1)]);
        assert_eq!(
            merged(&far_apart.bins),
            [(1_024, 1_151, 1), (16_384, 18_431, 1)]
        );
    }

    #[test]
    fn ticks_of_times_have_no_digits_that_say_nothing() {
        for (tick, said) in [
            (0.0, "0"),
            (1e7, "10 ms"),
            (2.5e9, "2.5 s"),
            (1e3, "1 µs"),
            (1e11, "100 s"),
        ] {
            assert_eq!(time_of(tick), said);
        }
    }
}
