//! A fault as the events of the run tell it.

use assay_report::event::{Fault, FaultDirection, FaultOptions};

use super::act::{Act, Order, Target};
use crate::{
    config::quantity::write_size,
    link::{self, Direction},
};

/// What was asked for, under the number that the fault has in the run.
pub(super) fn fault(order: &Order, id: u64) -> Fault {
    let options = order.options;
    Fault {
        id,
        target: order.target.name().to_owned(),
        action: order.act.word().to_owned(),
        value: value(&order.act),
        options: matches!(order.target, Target::Link(_)).then(|| FaultOptions {
            direction: match options.direction {
                Direction::Both => FaultDirection::Both,
                Direction::Upstream => FaultDirection::Upstream,
                Direction::Downstream => FaultDirection::Downstream,
            },
            share: options.share,
            may_be_idle: options.may_be_idle,
        }),
    }
}

/// With which value, for people.
fn value(act: &Act) -> Option<String> {
    Some(match act {
        Act::Kill(signal) => signal.clone(),
        Act::LimitMemory(bytes) => size(*bytes),
        Act::LimitCpu(cores) => format!("{cores} cores"),
        Act::Stop | Act::Pause | Act::Restart | Act::Disconnect => return None,
        Act::OnLink(action) => return value_on_link(*action),
    })
}

fn value_on_link(action: link::Action) -> Option<String> {
    Some(match action {
        link::Action::Latency(delay) if delay.jitter == 0 => format!("{} ms", delay.milliseconds),
        link::Action::Latency(delay) => {
            format!("{} ms ± {} ms", delay.milliseconds, delay.jitter)
        }
        link::Action::Bandwidth(bytes) => format!("{} a second", size(bytes)),
        link::Action::CutAfterBytes(bytes) => size(bytes),
        link::Action::CutAfterMs(milliseconds) | link::Action::SlowClose(milliseconds) => {
            format!("{milliseconds} ms")
        }
        link::Action::DropFirst(connections) => connections.to_string(),
        _ => return None,
    })
}

fn size(bytes: u64) -> String {
    write_size(usize::try_from(bytes).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{chaos::Options, link::Delay};

    #[test]
    fn a_fault_is_told_with_its_value_and_of_a_link_how_much_it_meets() {
        let delay = |jitter| Delay {
            milliseconds: 100,
            jitter,
        };
        for (act, on_link, expected) in [
            (Act::Stop, false, "stop on x"),
            (Act::Kill("TERM".to_owned()), false, "kill TERM on x"),
            (
                Act::OnLink(link::Action::Latency(delay(0))),
                true,
                "latency 100 ms on x",
            ),
            (
                Act::OnLink(link::Action::Latency(delay(20))),
                true,
                "latency 100 ms ± 20 ms on x",
            ),
            (
                Act::OnLink(link::Action::DropFirst(3)),
                true,
                "drop-first 3 on x",
            ),
            (Act::Disconnect, true, "disconnect on x"),
        ] {
            let target = if on_link {
                Target::Link
            } else {
                Target::Service
            };
            let order = Order {
                target: target("x".to_owned()),
                act,
                options: Options::default(),
            };
            let told = fault(&order, 7);
            assert_eq!((told.id, &*told.words()), (7, expected));
            assert_eq!(told.options.is_some(), on_link);
        }
    }
}
