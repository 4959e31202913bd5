//! Links between containers: a proxy of the host, which Compose tells them of.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{net::TcpListener, path::Path, process::Command};

use assay_host::{
    config::{
        AddressSource, EnvironmentSettings, LinkSettings, Origin, ProcessSettings, ServiceSource,
        template::Template,
    },
    environment::{Environment, EnvironmentError, LinkError},
    link::Action,
};
use assay_report::hint::Hinted;
use serde_json::Map;

use super::project::{TestProject, is_possible, shown};

const LINK: &str = "neighbour->cache";

/// Two containers, of which one is told of the link to the other.
fn linked(project: &TestProject) -> EnvironmentSettings {
    let mut settings = project.settings(&["cache", "neighbour"]);
    settings.links.push(LinkSettings {
        from: "neighbour".to_owned(),
        to: "cache".to_owned(),
        origin: Origin::Default,
    });
    let docker = settings.docker.as_mut().unwrap();
    let place = Template::parse("{link:neighbour->cache}").unwrap();
    docker.variables.push(("CACHE_LINK".to_owned(), place));
    settings
}

async fn up(settings: &EnvironmentSettings) -> Result<Environment, EnvironmentError> {
    Environment::up(settings, &Map::new(), None).await
}

/// What the neighbour was told of where its cache is.
fn told(project: &TestProject) -> String {
    let variables = shown(&project.container("neighbour"), ".Config.Env");
    let variables: Vec<String> = serde_json::from_str(&variables).unwrap();
    let mut told = variables.iter();
    let told = told.find_map(|one| one.strip_prefix("CACHE_URL="));
    told.unwrap().to_owned()
}

/// Whether the cache answers the neighbour where this one was told that it is.
fn reaches(project: &TestProject) -> bool {
    let asking = "address=${CACHE_URL#redis://} && exec 3<>/dev/tcp/${address%:*}/${address#*:} \
        && printf 'PING\\r\\n' >&3 && read -r -t 2 line <&3";
    let mut asked = Command::new("docker");
    let neighbour = project.container("neighbour");
    asked.args(["exec", &neighbour, "timeout", "5", "bash", "-c", asking]);
    asked.output().unwrap().status.success()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_reaches_another_one_over_the_link_and_meets_its_faults() {
    if !is_possible() {
        return;
    }
    let project = TestProject::new();
    let environment = up(&linked(&project)).await.unwrap();
    let open = environment.link(LINK).unwrap();
    assert_eq!(told(&project), open.url);
    assert!(reaches(&project));
    assert_eq!(open.link.traffic().connections, 1);

    let fault = open.link.apply(Action::Blackhole).unwrap();
    assert!(!reaches(&project));
    // The end of the first connection may have been on its way still: it carries no byte, but is met too.
    let met = open.link.heal(fault).unwrap();
    assert_eq!(met.bytes, "PING\r\n".len() as u64);
    assert_eq!(open.link.traffic().connections, 2);
    assert!(reaches(&project));

    // It is started again with what it was told.
    let control = environment.control("neighbour").unwrap();
    control.restart().await.unwrap();
    assert!(reaches(&project));
    environment.down().await;
    assert_eq!(project.remains(), [""; 0]);
}

#[tokio::test]
async fn a_service_that_is_said_to_run_is_at_no_end_of_a_link() {
    if !is_possible() {
        return;
    }
    let project = TestProject::new();
    let running = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut settings = linked(&project);
    let cache = &mut settings.services[0];
    cache.source = ServiceSource::Running {
        url: format!("http://{}", running.local_addr().unwrap()),
        origin: Origin::Default,
    };
    let environment = up(&settings).await.unwrap();
    assert_eq!(
        told(&project),
        "redis://cache.near:6379",
        "the compose file says where it is"
    );
    assert!(reaches(&project));
    let expected = LinkError::NotStarted {
        link: LINK.to_owned(),
        service: "cache".to_owned(),
    };
    assert_eq!(environment.link(LINK).unwrap_err(), expected);
    environment.down().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_from_a_container_leads_to_a_process_that_started_before_it() {
    if !is_possible() {
        return;
    }
    let project = TestProject::new();
    let mut settings = linked(&project);
    let reference = Path::new(env!("CARGO_BIN_EXE_host")).with_file_name("reference");
    let command = [
        reference.to_str().unwrap(),
        "cache",
        "--listen",
        "127.0.0.1:{port}",
    ];
    settings.services[0].source = ServiceSource::Started(ProcessSettings {
        command: command.map(|word| Template::parse(word).unwrap()).to_vec(),
        address: AddressSource::Picked,
        scheme: "redis".to_owned(),
    });
    let environment = up(&settings).await.unwrap();
    let open = environment.link(LINK).unwrap();
    assert_eq!(told(&project), open.url);
    assert!(reaches(&project));
    assert_eq!(open.link.traffic().connections, 1);
    environment.down().await;
}

#[tokio::test]
async fn a_project_that_ran_before_knows_of_no_link() {
    if !is_possible() {
        return;
    }
    let project = TestProject::new();
    project.raise();
    let environment = up(&linked(&project)).await.unwrap();
    assert_eq!(told(&project), "redis://cache.near:6379");
    let error = environment.link(LINK).unwrap_err();
    let expected = LinkError::Ran {
        link: LINK.to_owned(),
        project: project.name.clone(),
    };
    assert_eq!(error, expected);
    assert!(error.hint().is_some());
    environment.down().await;
}

#[tokio::test]
async fn a_setting_that_comes_too_late_for_a_project_is_refused() {
    if !is_possible() {
        return;
    }
    let project = TestProject::new();
    project.raise();
    let mut settings = project.settings(&["cache"]);
    settings.docker.as_mut().unwrap().given = vec!["reference.defects".to_owned()];
    let error = up(&settings).await.unwrap_err();
    let expected = format!(
        "the compose project `{}` gets `reference.defects` when it is brought up, but it runs already",
        project.name
    );
    assert_eq!(error.to_string(), expected);
    assert!(error.hint().unwrap().contains("down"), "{error}");
    let id = project.container("cache");
    assert_eq!(shown(&id, ".State.Running"), "true", "it is left as it was");
}
