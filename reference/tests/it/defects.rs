//! Each defect happens with its switch and does not happen without: the wrong behaviour is shown on two systems, and only the
//! broken one has it.

use crate::system::Setup;

/// Starts a system without and one with the defects, and asserts that only the latter does what is shown.
macro_rules! only_with {
    ($defects:literal, $setup:expr, $shown:expr) => {
        for (defects, wanted) in [("", false), ($defects, true)] {
            let setup = Setup { defects, ..$setup };
            let mut system = setup.start().await;
            assert_eq!($shown(&mut system).await, wanted, "with {defects:?}");
        }
    };
}

mod dependencies;
mod episodes;
mod load;
mod monitoring;
mod requests;
mod saving;
mod streams;

#[tokio::test]
async fn defects_of_other_services_are_ignored() {
    let system = Setup::with_defects("D1,D2,D6,D8,D20,D21").start().await;
    let project = system.project("P").await;
    assert_eq!(
        system.episode(&project, "text").await.body["data"]["number"],
        1
    );
    assert_eq!(system.projects.get("/health").await.status, 200);
}
