//! `Idempotency-Key`: one key makes one thing, on everything that can be made.

use assay_client::{
    Api, NewEpisode, NewGeneration, NewProject, Service, User, idempotency_key, unique,
};
use assay_sdk::http::Response;
use assay_sdk::prelude::*;
use serde_json::Value;

use crate::calls::{KEY, undo_at_the_end};
use crate::refusal::{Expected, check_refusal};
use crate::subject::generations;

const CONFLICT: Expected = (409, "IDEMPOTENCY_CONFLICT");
const BAD_KEY: Expected = (400, "INVALID_IDEMPOTENCY_KEY");

/// Something that can be made with a key, and another body for the same.
struct Making {
    what: &'static str,
    service: Service,
    path: String,
    body: Value,
    other: Value,
}

/// Everything that can be made, in a project of the caller's.
fn makings(project: &str) -> Result<[Making; 3]> {
    let projects = [
        serde_json::to_value(NewProject::named(unique("made once")))?,
        serde_json::to_value(NewProject::named(unique("made otherwise")))?,
    ];
    let episodes = [
        serde_json::to_value(NewEpisode::new("Once", "# Once"))?,
        serde_json::to_value(NewEpisode::new("Once", "# Otherwise"))?,
    ];
    let generations = [
        serde_json::to_value(NewGeneration::new(project, "Once"))?,
        serde_json::to_value(NewGeneration::new(project, "Otherwise"))?,
    ];
    let making = |what, service, path: String, [body, other]: [Value; 2]| Making {
        what,
        service,
        path,
        body,
        other,
    };
    Ok([
        making(
            "a project",
            Service::Project,
            "/projects".to_owned(),
            projects,
        ),
        making(
            "an episode",
            Service::Project,
            format!("/projects/{project}/episodes"),
            episodes,
        ),
        making(
            "a generation",
            Service::Generation,
            "/generations".to_owned(),
            generations,
        ),
    ])
}

async fn make(user: &User, making: &Making, body: &Value, key: &str) -> Result<Response> {
    let request = user.request("POST", making.service, &making.path);
    let response = request.header(KEY, key).json(body).send().await?;
    undo_at_the_end(user, &response);
    Ok(response)
}

/// The same request with the same key is answered as the first time, is marked as repeated, and makes nothing
#[case(tags = ["idempotency"], timeout = "30s", needs = ["project-service", "generation-service"])]
async fn a_repeated_request_makes_nothing_new(api: Api) -> Result<()> {
    let user = api.user("stuttering client");
    let project = user.temporary_project("idempotent").await?.id;
    for making in makings(&project)? {
        let (what, key) = (making.what, idempotency_key());
        let first = make(&user, &making, &making.body, &key).await?;
        check_eq!(first.status(), 201, "{what} is made");
        check_eq!(
            first.header("idempotency-replayed"),
            None,
            "{what} is not marked as repeated"
        );
        for _ in 0..2 {
            let again = make(&user, &making, &making.body, &key).await?;
            check_eq!(
                (again.status(), again.header("idempotency-replayed")),
                (200, Some("true")),
                "{what} is repeated"
            );
            check_eq!(again.text(), first.text(), "{what} is answered as before");
        }
    }
    check_made_once(&user, &project).await
}

/// Two requests with one key at the same time make one thing
#[case(tags = ["idempotency", "concurrency"], timeout = "30s", needs = ["project-service", "generation-service"])]
async fn requests_at_once_with_one_key_make_one_thing(api: Api) -> Result<()> {
    let user = api.user("impatient client");
    let project = user.temporary_project("at once").await?.id;
    for making in makings(&project)? {
        let key = idempotency_key();
        let tries = (0..4).map(|_| make(&user, &making, &making.body, &key));
        let answers = try_join_all(tries).await?;
        let mut statuses: Vec<u16> = answers.iter().map(Response::status).collect();
        statuses.sort_unstable();
        check_eq!(
            statuses,
            [200, 200, 200, 201],
            "{} is made once",
            making.what
        );
        let first = answers[0].text();
        check!(
            answers.iter().all(|answer| answer.text() == first),
            "{} has one answer",
            making.what
        );
    }
    check_made_once(&user, &project).await
}

/// The same key with another body, or at another path, is a conflict and makes nothing
#[case(tags = ["idempotency", "errors"], timeout = "30s", needs = ["project-service", "generation-service"])]
async fn a_key_with_another_request_is_a_conflict(api: Api) -> Result<()> {
    let user = api.user("confused client");
    let project = user.temporary_project("conflict").await?.id;
    let elsewhere = user.temporary_project("conflict elsewhere").await?.id;
    for making in makings(&project)? {
        let key = idempotency_key();
        let first = make(&user, &making, &making.body, &key).await?;
        check_eq!(first.status(), 201, "{} is made", making.what);
        let other = make(&user, &making, &making.other, &key).await?;
        let what = format!("{} with another body", making.what);
        check_refusal(&what, &other, CONFLICT);
        if making.what == "an episode" {
            let path = format!("/projects/{elsewhere}/episodes");
            let moved = Making { path, ..making };
            let other = make(&user, &moved, &moved.body, &key).await?;
            check_refusal("an episode of another project", &other, CONFLICT);
        }
    }
    check_eq!(user.episodes(&elsewhere).await?, [], "nothing is elsewhere");
    check_made_once(&user, &project).await
}

/// A key that is none is refused, and makes nothing; the longest one is taken
#[case(tags = ["idempotency", "errors"], timeout = "30s", needs = ["project-service", "generation-service"])]
async fn a_key_that_is_none_is_refused(api: Api) -> Result<()> {
    let user = api.user("sloppy client");
    let project = user.temporary_project("bad keys").await?.id;
    let too_long = "k".repeat(256);
    for making in makings(&project)? {
        for bad in ["", "two words", "semi;colon", "slash/", too_long.as_str()] {
            let refused = make(&user, &making, &making.body, bad).await?;
            let what = format!("{} with the key of {} bytes", making.what, bad.len());
            check_refusal(&what, &refused, BAD_KEY);
        }
    }
    check_eq!(user.episodes(&project).await?, [], "no episode is made");
    check_eq!(
        generations(&user, &project).await?,
        Vec::<String>::new(),
        "no generation is made"
    );
    let longest = format!("{:k<255}", idempotency_key());
    let [_, episode, _] = makings(&project)?;
    let taken = make(&user, &episode, &episode.body, &longest).await?;
    check_eq!(taken.status(), 201, "a key of 255 characters is taken");
    Ok(())
}

/// One generation is made, and beside its episode one that was made by hand.
async fn check_made_once(user: &User, project: &str) -> Result<()> {
    let jobs = generations(user, project).await?;
    check_eq!(jobs.len(), 1, "one generation is made");
    for job in &jobs {
        user.cancel(job).await?;
    }
    let episodes = user.episodes(project).await?;
    let by_hand = episodes
        .iter()
        .filter(|episode| episode.prompt_snapshot.as_deref() == Some(""));
    check_eq!(by_hand.count(), 1, "one episode is made by hand");
    Ok(())
}
