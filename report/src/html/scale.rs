//! From figures to places along an axis, and which of them get a tick.

/// How an axis is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Division {
    /// Equal steps.
    Linear,
    /// Equal factors.
    Logarithmic,
}

/// An axis from one figure to a greater one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    division: Division,
    from: f64,
    to: f64,
}

impl Scale {
    /// Equal steps from 0 to the first round figure from `most` on.
    pub(super) fn from_zero(most: f64) -> Self {
        let most = if most.is_finite() && most > 0.0 {
            most
        } else {
            1.0
        };
        let step = round_step(most / 4.0);
        Self {
            division: Division::Linear,
            from: 0.0,
            to: (most / step).ceil() * step,
        }
    }

    /// Equal steps between two figures, as they are.
    pub(super) fn between(from: f64, to: f64) -> Self {
        Self {
            division: Division::Linear,
            from,
            to: if to > from { to } else { from + 1.0 },
        }
    }

    /// Equal factors between two figures above 0, a little room on both sides.
    pub(super) fn factors(least: f64, most: f64) -> Self {
        let from = if least.is_finite() && least > 0.0 {
            least
        } else {
            1.0
        };
        let to = if most.is_finite() && most > from {
            most
        } else {
            from
        };
        Self {
            division: Division::Logarithmic,
            from: from / 1.25,
            to: to * 1.25,
        }
    }

    /// From 0 to 1; what lies beyond an end is at the end.
    pub(super) fn place(&self, figure: f64) -> f64 {
        let share = match self.division {
            Division::Linear => (figure - self.from) / (self.to - self.from),
            Division::Logarithmic => {
                (figure.max(self.from) / self.from).ln() / (self.to / self.from).ln()
            }
        };
        if share.is_finite() {
            share.clamp(0.0, 1.0)
        } else {
            0.0
        }
    }

    /// Round figures from end to end, about `most` of them.
    pub(super) fn ticks(&self, most: u32) -> Vec<f64> {
        match self.division {
            Division::Linear => {
                let step = round_step((self.to - self.from) / f64::from(most.max(1)));
                multiples(step, self.from, self.to)
            }
            Division::Logarithmic => self.factor_ticks(most),
        }
    }

    /// Powers of ten, with more between them if there is room.
    fn factor_ticks(&self, most: u32) -> Vec<f64> {
        let decades = (self.to / self.from).log10();
        let room = f64::from(most);
        let parts: &[f64] = if decades * 9.0 <= room {
            &[1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0]
        } else if decades * 3.0 <= room {
            &[1.0, 2.0, 5.0]
        } else {
            &[1.0]
        };
        let every = (decades / f64::from(most.max(1))).ceil().max(1.0);
        let mut power = (self.from.log10() / every).floor() * every;
        let mut ticks = Vec::new();
        while power <= self.to.log10() {
            let figures = parts.iter().map(|part| part * 10_f64.powf(power));
            ticks.extend(figures.filter(|figure| (self.from..=self.to).contains(figure)));
            power += every;
        }
        ticks
    }
}

/// The multiples of a step between two figures.
fn multiples(step: f64, from: f64, to: f64) -> Vec<f64> {
    let mut ticks = Vec::new();
    let mut number = (from / step).ceil();
    while number * step <= to + step * 1e-9 {
        ticks.push(number * step);
        number += 1.0;
    }
    ticks
}

/// The first of 1, 2, 5, 10, 20, ... that is not below a figure.
fn round_step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    let factors = [1.0, 2.0, 5.0, 10.0];
    let found = factors
        .into_iter()
        .find(|factor| factor * power >= least * (1.0 - 1e-9));
    found.unwrap_or(10.0) * power
}

/// Ticks of a time axis that begins at 0, in seconds: steps that people count in.
pub(super) fn time_ticks(seconds: f64, most: u32) -> Vec<f64> {
    const STEPS: [f64; 14] = [
        1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_800.0, 3_600.0, 7_200.0,
        21_600.0,
    ];
    let least = seconds / f64::from(most.max(1));
    let step = if least < 1.0 {
        round_step(least.max(1e-9))
    } else {
        let found = STEPS.into_iter().find(|step| *step >= least);
        found.unwrap_or_else(|| (least / 86_400.0).ceil() * 86_400.0)
    };
    multiples(step, 0.0, seconds)
}

/// A moment of an axis: `0`, `0.25 s`, `12 s`, `1 min 30 s`, `2 h`.
pub(super) fn moment(seconds: f64) -> String {
    const HOUR: f64 = 3_600.0;
    if seconds < 60.0 {
        let text = if seconds < 10.0 {
            format!("{seconds:.2}")
        } else {
            format!("{seconds:.1}")
        };
        let text = text.trim_end_matches('0').trim_end_matches('.');
        return if text == "0" {
            text.to_owned()
        } else {
            format!("{text} s")
        };
    }
    let (great, small, unit, smaller) = if seconds < HOUR {
        (seconds / 60.0, seconds % 60.0, "min", "s")
    } else {
        (seconds / HOUR, seconds % HOUR / 60.0, "h", "min")
    };
    let (great, small) = (great.floor(), small.floor());
    if small < 1.0 {
        format!("{great} {unit}")
    } else {
        format!("{great} {unit} {small} {smaller}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounded(ticks: &[f64]) -> Vec<String> {
        ticks.iter().map(|tick| format!("{tick:.3}")).collect()
    }

    #[test]
    fn an_axis_from_zero_ends_at_a_round_figure_that_holds_the_greatest() {
        for (most, end, ticks) in [
            (87.0, 100.0, vec![0.0, 50.0, 100.0]),
            (100.0, 100.0, vec![0.0, 50.0, 100.0]),
            (101.0, 150.0, vec![0.0, 50.0, 100.0, 150.0]),
            (0.0, 1.0, vec![0.0, 0.5, 1.0]),
            (f64::NAN, 1.0, vec![0.0, 0.5, 1.0]),
        ] {
            let scale = Scale::from_zero(most);
            assert!((scale.to - end).abs() < 1e-6, "{most}: {scale:?}");
            assert_eq!(rounded(&scale.ticks(3)), rounded(&ticks), "{most}");
        }
    }

    #[test]
    fn places_are_within_the_axis_whatever_is_asked() {
        for scale in [
            Scale::from_zero(10.0),
            Scale::factors(1.0, 1e9),
            Scale::factors(0.0, 0.0),
            Scale::between(3.0, 3.0),
        ] {
            for figure in [
                f64::NEG_INFINITY,
                -1.0,
                0.0,
                5.0,
                1e300,
                f64::INFINITY,
                f64::NAN,
            ] {
                let place = scale.place(figure);
                assert!((0.0..=1.0).contains(&place), "{scale:?} {figure}: {place}");
            }
            assert!(scale.ticks(6).len() < 20, "{scale:?}");
        }
    }

    #[test]
    fn factors_have_powers_of_ten_and_more_where_there_is_room() {
        let wide = Scale::factors(1e3, 1e9);
        assert_eq!(
            rounded(&wide.ticks(8)),
            rounded(&[1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9])
        );
        let narrow = Scale::factors(1.0, 10.0);
        assert_eq!(rounded(&narrow.ticks(6)), rounded(&[1.0, 2.0, 5.0, 10.0]));
        assert!((wide.place(1e6) - 0.5).abs() < 0.01);
        let within_a_decade = Scale::factors(150.0, 400.0);
        assert_eq!(
            rounded(&within_a_decade.ticks(6)),
            rounded(&[150.0, 200.0, 300.0, 400.0, 500.0])
        );
    }

    #[test]
    fn time_is_divided_as_people_count_it() {
        for (seconds, most, second_tick) in [
            (0.4, 8, 0.05),
            (9.0, 8, 2.0),
            (75.0, 8, 10.0),
            (400.0, 8, 60.0),
            (7_200.0, 8, 1_800.0),
            (604_800.0, 8, 86_400.0),
        ] {
            let ticks = time_ticks(seconds, most);
            assert!(
                (ticks[1] - second_tick).abs() < 1e-9,
                "{seconds}: {ticks:?}"
            );
            assert!(ticks.len() <= most as usize + 1, "{ticks:?}");
        }
        assert!(time_ticks(0.0, 8).len() < 10);
    }

    #[test]
    fn moments_read_as_people_say_them() {
        for (seconds, said) in [
            (0.0, "0"),
            (0.25, "0.25 s"),
            (12.0, "12 s"),
            (59.95, "60 s"),
            (60.0, "1 min"),
            (90.5, "1 min 30 s"),
            (7_200.0, "2 h"),
            (9_000.0, "2 h 30 min"),
        ] {
            assert_eq!(moment(seconds), said);
        }
    }
}
