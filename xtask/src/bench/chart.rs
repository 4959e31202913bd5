//! Bar charts as SVG, for light and dark pages: no script, no font and no picture of anybody else.

use std::fmt::Write as _;

use super::section::number;
use super::statistics::Spread;

/// Widths and heights, in pixels.
const WIDTH: f64 = 760.0;
const LABELS: f64 = 230.0;
const VALUES: f64 = 120.0;
const ROW: f64 = 26.0;
const BAR: f64 = 16.0;
const HEAD: f64 = 40.0;
const FOOT: f64 = 30.0;

/// How many times as long as the next one a bar is that would make all others too short to be told apart.
const DWARFING: f64 = 3.0;

const STYLE: &str = "text{font:13px system-ui,sans-serif;fill:#1f2328}.title{font-weight:600;font-size:15px}.note{font-size:11px;fill:#59636e}\
.bar{fill:#8c959f}.ours{fill:#0969da}.spread{stroke:#1f2328;stroke-width:1.5}.axis{stroke:#8c959f}\
@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.note{fill:#9198a1}.bar{fill:#656c76}.ours{fill:#4493f8}.spread{stroke:#f0f6fc}}";

/// One thing that was measured.
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) spread: Spread,
    /// Ours is told apart.
    pub(super) ours: bool,
}

/// A bar to the median of each, and a line from its least to its greatest value.
pub(super) fn bars(title: &str, unit: &str, bars: &[Bar]) -> String {
    let scale = Scale::of(bars);
    let below = bars.iter().fold(HEAD, |below, _| below + ROW);
    let height = below + FOOT;
    let title = escaped(title);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" role=\"img\" aria-label=\"{title}\">\n<style>{STYLE}</style>\n<text class=\"title\" x=\"8\" y=\"22\">{title}</text>\n"
    );
    let mut top = HEAD;
    for bar in bars {
        row(&mut svg, bar, unit, top, &scale);
        top += ROW;
    }
    let note = "Bar: the median. Line: from the least to the greatest of all rounds. Blue: ours.";
    // Writing to a string does not fail.
    let _ = writeln!(
        svg,
        "<line class=\"axis\" x1=\"{LABELS}\" x2=\"{LABELS}\" y1=\"{HEAD}\" y2=\"{below}\"/>\n<text class=\"note\" x=\"{LABELS}\" y=\"{:.1}\">{note}</text>\n</svg>",
        height - 10.0
    );
    svg
}

/// How long the bars are.
struct Scale {
    /// What fills the width.
    most: f64,
}

impl Scale {
    /// Up to the greatest value; one bar that dwarfs all others is cut.
    fn of(bars: &[Bar]) -> Self {
        let mut greatest: Vec<f64> = bars.iter().map(|bar| bar.spread.greatest()).collect();
        greatest.sort_by(f64::total_cmp);
        let most = match greatest[..] {
            [.., next, largest] if next > 0.0 && largest > DWARFING * next => next * 1.3,
            [.., largest] if largest > 0.0 => largest,
            // Of nothing at all the bars have no length.
            _ => 1.0,
        };
        Self { most }
    }

    fn cuts(&self, value: f64) -> bool {
        value > self.most
    }

    fn pixels(&self, value: f64) -> f64 {
        value.min(self.most) / self.most * (WIDTH - LABELS - VALUES)
    }
}

fn row(svg: &mut String, bar: &Bar, unit: &str, top: f64, scale: &Scale) {
    let spread = &bar.spread;
    let at = |value: f64| LABELS + scale.pixels(value);
    let (middle, base) = (top + BAR / 2.0, top + BAR - 3.0);
    let class = if bar.ours { "bar ours" } else { "bar" };
    let cut = if scale.cuts(spread.greatest()) {
        ", cut"
    } else {
        ""
    };
    // Writing to a string does not fail.
    let _ = writeln!(
        svg,
        "<text x=\"{:.1}\" y=\"{base:.1}\" text-anchor=\"end\">{}</text>\
         <rect class=\"{class}\" x=\"{LABELS}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{BAR}\" rx=\"2\"/>\
         <line class=\"spread\" x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{middle:.1}\" y2=\"{middle:.1}\"/>\
         <text x=\"{:.1}\" y=\"{base:.1}\">{}{}{cut}</text>",
        LABELS - 8.0,
        escaped(&bar.label),
        scale.pixels(spread.median()),
        at(spread.least()),
        at(spread.greatest()),
        at(spread.greatest()) + 8.0,
        number(spread.median()),
        escaped(unit),
    );
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(label: &str, values: &[f64], ours: bool) -> Bar {
        Bar {
            label: label.to_owned(),
            spread: Spread::of(values.iter().copied()).unwrap(),
            ours,
        }
    }

    #[test]
    fn the_greatest_value_fills_the_width_and_the_others_have_their_share() {
        let chart = bars(
            "T",
            " µs",
            &[
                bar("a", &[100.0], true),
                bar("b", &[20.0, 25.0, 50.0], false),
            ],
        );
        assert!(
            chart.contains("class=\"bar ours\" x=\"230\" y=\"40.0\" width=\"410.0\""),
            "{chart}"
        );
        assert!(
            chart.contains("class=\"bar\" x=\"230\" y=\"66.0\" width=\"102.5\""),
            "{chart}"
        );
        assert!(chart.contains("x1=\"312.0\" x2=\"435.0\""), "{chart}");
        assert!(chart.contains(">25 µs</text>"), "{chart}");
    }

    #[test]
    fn a_bar_that_dwarfs_all_others_is_cut_and_says_so() {
        let of = |largest| {
            bars(
                "T",
                "",
                &[bar("a", &[100.0], false), bar("b", &[largest], false)],
            )
        };
        assert!(!of(300.0).contains("cut"), "{}", of(300.0));
        let cut = of(301.0);
        assert!(cut.contains("width=\"315.4\""), "{cut}");
        assert!(
            cut.contains("width=\"410.0\"") && cut.contains(">301, cut<"),
            "{cut}"
        );
    }

    #[test]
    fn every_element_is_closed_and_no_text_is_markup() {
        let chart = bars("a < b & \"c\"", "", &[bar("<script>", &[1.0], false)]);
        assert!(chart.contains("a &lt; b &amp; &quot;c&quot;"), "{chart}");
        assert!(!chart.contains("<script>"), "{chart}");
        for name in ["svg", "style", "text"] {
            let count = |what: String| chart.matches(&what).count();
            assert_eq!(
                count(format!("<{name}")),
                count(format!("</{name}>")),
                "{name}"
            );
        }
        assert!(chart.ends_with("</svg>\n"));
    }

    #[test]
    fn nothing_at_all_is_still_a_picture() {
        let chart = bars("none", "", &[bar("a", &[0.0], false)]);
        assert!(
            chart.contains("width=\"0.0\"") && !chart.contains("NaN"),
            "{chart}"
        );
    }

    #[test]
    fn both_schemes_of_colours_are_there() {
        assert!(bars("T", "", &[]).contains("prefers-color-scheme:dark"));
    }
}
