//! Projects that an engine does not let go of, or not at once.

use super::*;
use crate::environment::docker::scripted::{Holds, ScriptedProject};

/// An engine that counts an endpoint for good.
const FOR_GOOD: Holds = Holds::Endpoint(usize::MAX);
/// All that is waited for comes.
const PATIENT: Patience = Patience {
    whole: Duration::from_mins(1),
    network: Duration::from_mins(1),
    pause: Duration::from_millis(1),
};
/// For an endpoint that does not go.
const SHORT_FOR_NETWORKS: Patience = Patience {
    network: Duration::from_millis(50),
    ..PATIENT
};
/// For a part that does not go.
const SHORT: Patience = Patience {
    whole: Duration::from_millis(50),
    ..PATIENT
};

async fn remove(shop: &ScriptedProject, patience: Patience) -> Result<Removal, DockerError> {
    shop.project.remove_within(patience, &[], true).await
}

fn gone() -> Removal {
    Removal::Gone {
        abandoned: Vec::new(),
    }
}

/// What the error says of the parts that are left.
fn problem(removed: Result<Removal, DockerError>) -> String {
    match removed {
        Err(DockerError::NotRemoved { problem, .. }) => problem,
        other => panic!("it is told that something is left: {other:?}"),
    }
}

#[tokio::test]
async fn all_that_has_the_label_goes_and_volumes_only_if_they_are_to() {
    for (volumes, left) in [(true, &[][..]), (false, &["data"])] {
        let shop = ScriptedProject::new()
            .await
            .with_container("web")
            .with_network("near", Holds::Nothing)
            .with_volume("data", false);
        let removed = shop.project.remove_within(PATIENT, &[], volumes).await;
        assert_eq!(removed.unwrap(), gone());
        assert_eq!(shop.left(), left);
    }
}

#[tokio::test]
async fn a_network_whose_endpoint_nobody_has_is_abandoned_and_all_else_goes() {
    let shop = ScriptedProject::new()
        .await
        .with_container("web")
        .with_network("access", FOR_GOOD)
        .with_network("near", Holds::Nothing)
        .with_volume("data", false);
    let abandoned = vec![Abandoned {
        network: "access".to_owned(),
    }];
    assert_eq!(
        remove(&shop, SHORT_FOR_NETWORKS).await.unwrap(),
        Removal::Gone { abandoned }
    );
    assert_eq!(shop.left(), ["access"]);
}

#[tokio::test]
async fn an_endpoint_that_takes_a_moment_to_go_abandons_no_network() {
    let shop = ScriptedProject::new()
        .await
        .with_network("access", Holds::Endpoint(CLEAR_LOOKS + 1));
    assert_eq!(remove(&shop, PATIENT).await.unwrap(), gone());
    assert_eq!(shop.left(), [""; 0]);
}

#[tokio::test]
async fn a_network_with_a_container_of_others_is_told_with_its_name_and_all_else_goes() {
    let shop = ScriptedProject::new()
        .await
        .with_container("web")
        .with_network("access", Holds::Container("stranger"))
        .with_network("kept", FOR_GOOD)
        .with_network("near", Holds::Nothing)
        .with_volume("data", false);
    let problem = problem(remove(&shop, SHORT).await);
    let told = "the network `access` has containers of others: stranger";
    assert_eq!(problem, told);
    assert_eq!(shop.left(), ["access", "kept"]);
}

#[tokio::test]
async fn a_volume_in_use_is_told_in_the_engines_words_and_all_else_goes() {
    let shop = ScriptedProject::new()
        .await
        .with_network("near", Holds::Nothing)
        .with_volume("data", true)
        .with_volume("logs", false);
    let problem = problem(remove(&shop, SHORT).await);
    assert!(
        problem.contains("remove data: volume is in use"),
        "{problem}"
    );
    assert_eq!(shop.left(), ["data"]);
}

#[tokio::test]
async fn an_engine_that_goes_in_the_middle_is_told_and_what_is_left_is_not_called_gone() {
    let shop = ScriptedProject::on_an_engine_until(Some("DELETE /networks/near"))
        .await
        .with_container("web")
        .with_network("access", FOR_GOOD)
        .with_network("near", Holds::Nothing)
        .with_volume("data", false);
    let error = remove(&shop, PATIENT).await.unwrap_err();
    assert!(matches!(error, DockerError::NoEngine { .. }), "{error}");
    assert_eq!(shop.left(), ["access", "near", "data"]);
}

#[tokio::test]
async fn a_removal_that_was_cut_off_after_the_containers_is_gone_on_with() {
    let shop = ScriptedProject::new()
        .await
        .with_container("web")
        .with_network("near", Holds::Nothing)
        .with_volume("data", false);
    let known = shop.project.parts(true).await.unwrap();
    shop.project.remove_part(&known[0]).await.unwrap();
    assert_eq!(shop.left(), ["near", "data"]);
    let removed = shop.project.remove_within(PATIENT, &known, true).await;
    assert_eq!(removed.unwrap(), gone());
    assert_eq!(shop.left(), [""; 0]);
}

#[tokio::test]
async fn what_somebody_made_meanwhile_stays() {
    let shop = ScriptedProject::new()
        .await
        .with_network("near", Holds::Nothing)
        .with_volume("data", false)
        .with_volume("logs", false);
    let known = shop.project.parts(true).await.unwrap();
    let shop = shop
        .with_network("far", Holds::Nothing)
        .with_new_volume("data");
    let removed = shop.project.remove_within(PATIENT, &known, true).await;
    assert_eq!(removed.unwrap(), gone());
    assert_eq!(shop.left(), ["far", "data"]);
}

#[tokio::test]
async fn a_project_with_containers_that_somebody_made_meanwhile_is_left_alone() {
    let shop = ScriptedProject::new()
        .await
        .with_container("web")
        .with_volume("data", false);
    let known = shop.project.parts(true).await.unwrap();
    let shop = shop.with_container("another");
    let removed = shop.project.remove_within(PATIENT, &known, true).await;
    assert_eq!(removed.unwrap(), Removal::MadeAnew);
    assert_eq!(shop.left(), ["another", "web", "data"]);
}
