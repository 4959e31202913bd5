//! Each defect happens with its switch and does not happen without: the wrong behaviour is shown on two systems, and only the
//! broken one has it.

use std::time::Duration;

use futures::future::join_all;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::client::Client;
use crate::frames::{Frame, events};
use crate::system::{Setup, System, wish};

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

#[tokio::test]
async fn d1_completed_comes_before_the_episode() {
    only_with!("D1", Setup::default(), async |system: &mut System| {
        let project = system.project("P").await;
        let id = system.generation(&project, "A").await;
        let events = events(&system.stream(&id, None).await.rest().await);
        assert_eq!(events.last().unwrap().1, "completed");
        let early = system.numbers(&project).await.is_empty();
        crate::system::eventually("the episode is stored", || async {
            system.numbers(&project).await == [1]
        })
        .await;
        early
    });
}

#[tokio::test]
async fn d2_a_failed_save_is_completed() {
    only_with!(
        "D2",
        Setup {
            step_ms: 40,
            ..Setup::default()
        },
        async |system: &mut System| {
            let project = system.project("P").await;
            let id = system.generation(&project, "A").await;
            system
                .projects
                .delete(&format!("/api/v1/projects/{project}"))
                .await;
            let job = system.finished(&id).await;
            job["status"] == "completed" && job["episodeId"].is_null()
        }
    );
}

#[tokio::test]
async fn d3_one_key_makes_two_things() {
    only_with!("D3", Setup::default(), async |system: &mut System| {
        let project = system.project("P").await;
        let mut broken = Vec::new();
        for (client, path, body) in [
            (
                &system.projects,
                "/api/v1/projects",
                json!({"name": "A", "type": "drama"}),
            ),
            (
                &system.generations,
                "/api/v1/generations",
                wish(&project, "A"),
            ),
        ] {
            let first = client.post_with_key(path, "k", &body).await;
            let second = client.post_with_key(path, "k", &body).await;
            broken.push(second.status == 201 && second.raw != first.raw);
        }
        assert_eq!(broken[0], broken[1]);
        broken[0]
    });
}

#[tokio::test]
async fn d4_another_body_under_the_same_key_is_the_first_answer() {
    only_with!("D4", Setup::default(), async |system: &mut System| {
        let project = system.project("P").await;
        let mut broken = Vec::new();
        for (client, path, bodies) in [
            (
                &system.projects,
                "/api/v1/projects",
                ["A", "B"].map(|name| json!({"name": name, "type": "drama"})),
            ),
            (
                &system.generations,
                "/api/v1/generations",
                ["A", "B"].map(|title| wish(&project, title)),
            ),
        ] {
            let first = client.post_with_key(path, "k", &bodies[0]).await;
            let second = client.post_with_key(path, "k", &bodies[1]).await;
            broken.push(second.status == 200 && second.raw == first.raw);
        }
        assert_eq!(broken[0], broken[1]);
        broken[0]
    });
}

#[tokio::test]
async fn d5_who_comes_back_gets_only_the_newest_progress_and_the_end() {
    only_with!("D5", Setup::default(), async |system: &mut System| {
        let project = system.project("P").await;
        let id = system.generation(&project, "A").await;
        let all = events(&system.stream(&id, None).await.rest().await);
        assert_eq!(all.len(), 14);
        let mut lost = Vec::new();
        for last in [format!("{id}:3"), "unknown".to_owned()] {
            let rest = events(&system.stream(&id, Some(&last)).await.rest().await);
            lost.push(rest == all[12..]);
        }
        assert_eq!(lost[0], lost[1]);
        lost[0]
    });
}

#[tokio::test]
async fn d6_event_ids_differ_from_reader_to_reader_and_have_gaps() {
    only_with!("D6", Setup::default(), async |system: &mut System| {
        let project = system.project("P").await;
        let id = system.generation(&project, "A").await;
        let mut ids = Vec::new();
        for _ in 0..2 {
            let events = events(&system.stream(&id, None).await.rest().await);
            ids.push(
                events
                    .into_iter()
                    .map(|(event_id, ..)| event_id)
                    .collect::<Vec<_>>(),
            );
        }
        let dense: Vec<_> = (1..=14).map(|number| format!("{id}:{number}")).collect();
        assert_eq!(ids[0] == dense, ids[0] == ids[1]);
        ids[0] != dense
    });
}

#[tokio::test]
async fn d7_a_restart_leaves_a_generation_that_never_ends() {
    let setup = Setup {
        step_ms: 40,
        heartbeat_ms: 50,
        ..Setup::default()
    };
    only_with!("D7", setup, async |system: &mut System| {
        let project = system.project("P").await;
        let id = system.generation(&project, "A").await;
        let seen = system.stream(&id, None).await.event().await;
        system.stop_generation_service().await;
        system.start_generation_service().await;
        let mut stream = system.stream(&id, Some(&seen.0)).await;
        // Many times longer without an event than a step takes.
        let mut heartbeats = 0;
        while heartbeats < 12 {
            match stream.next().await.unwrap() {
                Some(Frame::Comment(_)) => heartbeats += 1,
                Some(_) => heartbeats = 0,
                None => return false,
            }
        }
        let path = format!("/api/v1/generations/{id}");
        system.generations.get(&path).await.body["data"]["status"] == "streaming"
    });
}

#[tokio::test]
async fn d8_there_is_no_heartbeat_and_no_retry() {
    let setup = Setup {
        step_ms: 40,
        heartbeat_ms: 20,
        ..Setup::default()
    };
    only_with!("D8", setup, async |system: &mut System| {
        let project = system.project("P").await;
        let id = system.generation(&project, "A").await;
        let frames = system.stream(&id, None).await.rest().await;
        let has = |wanted: fn(&Frame) -> bool| frames.iter().any(wanted);
        let comments = has(|frame| matches!(frame, Frame::Comment(_)));
        assert_eq!(comments, has(|frame| matches!(frame, Frame::Retry(_))));
        !comments
    });
}

#[tokio::test]
async fn d9_over_the_limit_is_500_and_a_header_gets_around_it() {
    let setup = Setup {
        rate_limit: 2,
        ..Setup::default()
    };
    only_with!("D9", setup, async |system: &mut System| {
        let mut broken = Vec::new();
        for (client, path) in [
            (&system.projects, "/api/v1/projects"),
            (&system.generations, "/api/v1/generations"),
        ] {
            client.contract().await.unwrap();
            client.get(path).await;
            let over = client.get(path).await;
            let spoofed = client
                .call("GET", path, &[("x-forwarded-for", "10.0.0.1")], None)
                .await;
            assert_eq!(over.status == 500, spoofed.status == 200);
            broken.push(over.status == 500);
        }
        assert_eq!(broken[0], broken[1]);
        broken[0]
    });
}

#[tokio::test]
async fn d10_an_unknown_type_is_stored_and_breaks_the_list_for_everybody() {
    only_with!("D10", Setup::default(), async |system: &mut System| {
        let answer = system
            .projects
            .post("/api/v1/projects", &json!({"name": "A", "type": "BOGUS"}))
            .await;
        for _ in 0..3 {
            system.project("good").await;
        }
        let list = system.projects.get("/api/v1/projects?limit=1").await;
        assert_eq!(answer.status == 500, list.status == 500);
        assert!(answer.status == 500 || answer.status == 422);
        list.status == 500
    });
}

#[tokio::test]
async fn d11_fixed_words_in_a_path_are_taken_for_ids() {
    only_with!("D11", Setup::default(), async |system: &mut System| {
        let project = system.project("P").await;
        let episodes = format!("/api/v1/projects/{project}/episodes");
        let mut shadowed = Vec::new();
        for path in [
            "/api/v1/projects/recent".to_owned(),
            format!("{episodes}/_next-number"),
            format!("{episodes}/_stats"),
        ] {
            shadowed.push(get_unchecked(&system.projects, &path).await == 404);
        }
        for path in ["/api/v1/generations/active", "/api/v1/generations/_stats"] {
            shadowed.push(get_unchecked(&system.generations, path).await == 404);
        }
        assert!(
            shadowed.iter().all(|one| *one == shadowed[0]),
            "{shadowed:?}"
        );
        shadowed[0]
    });
}

#[tokio::test]
async fn d12_episodes_live_without_a_project() {
    only_with!("D12", Setup::default(), async |system: &mut System| {
        let unknown = system.episode("proj_none", "text").await.status == 201;
        let project = system.project("P").await;
        system.episode(&project, "text").await;
        system
            .projects
            .delete(&format!("/api/v1/projects/{project}"))
            .await;
        let left = system.documents(&project).await["ids"] != json!([]);
        let listed = system
            .projects
            .get(&format!("/api/v1/projects/{project}/episodes"))
            .await
            .status
            == 200;
        assert_eq!([unknown, left], [listed, listed]);
        listed
    });
}

#[tokio::test]
async fn d13_a_deleted_last_number_is_given_again() {
    only_with!("D13", Setup::default(), async |system: &mut System| {
        let project = system.project("P").await;
        system.episode(&project, "one").await;
        let id = system.episode(&project, "two").await.text("/data/id");
        system
            .projects
            .delete(&format!("/api/v1/projects/{project}/episodes/{id}"))
            .await;
        system.episode(&project, "three").await.body["data"]["number"] == 2
    });
}

#[tokio::test]
async fn d14_two_at_once_get_the_same_number() {
    only_with!("D14", Setup::default(), async |system: &mut System| {
        let project = system.project("P").await;
        join_all((0..20).map(|_| system.episode(&project, "text"))).await;
        let mut numbers = system.numbers(&project).await;
        assert_eq!(numbers.len(), 20);
        numbers.dedup();
        numbers.len() < 20
    });
}

#[tokio::test]
async fn d15_counters_never_move_and_the_gauge_reads_another_table() {
    only_with!("D15", Setup::default(), async |system: &mut System| {
        let project = system.project("P").await;
        system.episode(&project, "text").await;
        let text = system.projects.get("/metrics").await.raw;
        let has = |line: &str| text.lines().any(|given| given == line);
        let stuck = has("episodes 0");
        assert_eq!(has("episodes_created_total 0"), stuck);
        assert_eq!(has("projects_created_total 0"), stuck);
        let counted = text.contains("\nhttp_requests_total{method=\"POST\"");
        assert_eq!(counted, !stuck);
        let generations = system.generations.get("/health").await;
        assert_eq!(generations.status, 200);
        let text = system.generations.get("/metrics").await.raw;
        assert_eq!(text.contains("route=\"/health\""), !stuck);
        stuck
    });
}

#[tokio::test]
async fn d16_alerts_are_raised_on_healthy_data() {
    only_with!("D16", Setup::default(), async |system: &mut System| {
        let before = system.evaluate().await["raised"].clone();
        let project = system.project("P").await;
        system.episode(&project, "text").await;
        let after = system.evaluate().await;
        let alerts = system.watching("/alerts/active").await["alerts"].clone();
        let broken = before[0]["ruleId"] == "episode-conflict-rate" && before[0]["value"] == 7.0;
        assert_eq!(after["rules"][2]["value"] == 7.0, broken);
        assert_eq!(alerts == json!([]), !broken);
        broken
    });
}

#[tokio::test]
async fn d17_performance_is_constant() {
    only_with!("D17", Setup::default(), async |system: &mut System| {
        let stats = system.watching("/performance/stats").await;
        let broken = stats["totalOperationsToday"] == 1_247;
        assert_eq!(stats["averageDurationSeconds"].is_null(), !broken);
        assert_eq!(stats["successRatePercentage"] == 98.5, broken);
        broken
    });
}

#[tokio::test]
async fn d18_an_alert_is_resolved_by_another_name_than_is_listed() {
    let setup = Setup {
        test_hooks: true,
        ..Setup::default()
    };
    only_with!("D18", setup, async |system: &mut System| {
        let project = system.project("P").await;
        system.insert(&project, &[2]).await;
        let id = system.evaluate().await["raised"][0]["alertId"].clone();
        let by_id = system.resolve(id.as_str().unwrap()).await.status;
        let by_name = system
            .resolve(&format!("episode-integrity_{project}"))
            .await;
        assert_eq!(by_id == 404, by_name.status == 200);
        by_id == 404
    });
}

#[tokio::test]
async fn d19_health_is_always_healthy_on_port_8000() {
    only_with!("D19", Setup::default(), async |system: &mut System| {
        system.stop_vector_store().await;
        let mut broken = Vec::new();
        for client in [&system.projects, &system.generations] {
            let health = client.get("/health").await;
            broken.push(health.text("/data/status") == "healthy" && health.status == 200);
            broken.push(health.body["data"]["port"] == 8000);
            broken.push(client.get("/readyz").await.status == 200);
        }
        assert!(broken.iter().all(|one| *one == broken[0]), "{broken:?}");
        broken[0]
    });
}

#[tokio::test]
async fn d20_a_redirected_dependency_is_reported_down() {
    only_with!("D20", Setup::default(), async |system: &mut System| {
        let health = system.generations.get("/health").await;
        let down = health.body["data"]["dependencies"]["project-service"]["status"] == "down";
        assert_eq!(system.projects.get("/health").await.status, 200);
        assert_eq!(down, health.status == 503);
        down
    });
}

#[tokio::test]
async fn d21_a_stream_on_a_used_connection_is_cut() {
    only_with!(
        "D21",
        Setup {
            step_ms: 30,
            ..Setup::default()
        },
        async |system: &mut System| {
            let project = system.project("P").await;
            let mut ends = Vec::new();
            for used_before in [false, true] {
                let id = system.generation(&project, "A").await;
                let address = system.generations.url.trim_start_matches("http://");
                let mut stream = TcpStream::connect(address).await.unwrap();
                if used_before {
                    stream
                        .write_all(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n")
                        .await
                        .unwrap();
                }
                let request = format!(
                    "GET /api/v1/generations/{id}/events HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
                );
                stream.write_all(request.as_bytes()).await.unwrap();
                let mut bytes = Vec::new();
                let read = timeout(Duration::from_secs(10), stream.read_to_end(&mut bytes))
                    .await
                    .unwrap();
                // The last chunk of an orderly end.
                ends.push(read.is_ok() && bytes.ends_with(b"0\r\n\r\n"));
            }
            assert!(ends[0]);
            !ends[1]
        }
    );
}

#[tokio::test]
async fn d22_a_dependency_that_is_down_is_400() {
    only_with!("D22", Setup::default(), async |system: &mut System| {
        let project = system.project("P").await;
        system.stop_vector_store().await;
        let url = format!("{}/api/v1/projects/{project}/episodes", system.projects.url);
        let episode = post_unchecked(&url, json!({"script": {"markdown": "m"}})).await;
        system.stop_project_service().await;
        let url = format!("{}/api/v1/generations", system.generations.url);
        let generation = post_unchecked(&url, wish(&project, "A")).await;
        assert_eq!(episode, generation);
        episode == 400
    });
}

/// The status of an answer that need not be a documented one.
async fn get_unchecked(client: &Client, path: &str) -> u16 {
    let url = format!("{}{path}", client.url);
    reqwest::get(url).await.unwrap().status().as_u16()
}

/// The same with a body.
async fn post_unchecked(url: &str, body: serde_json::Value) -> u16 {
    let request = reqwest::Client::new().post(url).json(&body);
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn d23_the_configured_cache_and_vector_store_are_not_used() {
    only_with!("D23", Setup::default(), async |system: &mut System| {
        let project = system.project("P").await;
        assert_eq!(system.episode(&project, "text").await.status, 201);
        let path = format!("/api/v1/projects/{project}");
        system.projects.get(&path).await;
        let nothing_stored = system.documents(&project).await["ids"] == json!([]);
        let client = redis::Client::open(format!("redis://{}", system.cache_address())).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let size: i64 = redis::cmd("DBSIZE")
            .query_async(&mut connection)
            .await
            .unwrap();
        assert_eq!(nothing_stored, size == 0);
        system.stop_cache().await;
        let health = system.projects.get("/health").await;
        assert_eq!(nothing_stored, health.text("/data/status") == "healthy");
        nothing_stored
    });
}

#[tokio::test]
async fn d24_metrics_have_other_names_than_the_rules_ask_for() {
    only_with!("D24", Setup::default(), async |system: &mut System| {
        let mut renamed = Vec::new();
        for (client, name) in [
            (&system.projects, "project_service"),
            (&system.generations, "generation_service"),
        ] {
            client.get("/health").await;
            let text = client.get("/metrics").await.raw;
            let has = |family: &str| text.contains(&format!("\n# TYPE {family} "));
            let broken = has(&format!("{name}_http_requests_total"));
            assert_eq!(has("http_requests_total"), !broken);
            renamed.push(broken);
        }
        assert_eq!(renamed[0], renamed[1]);
        renamed[0]
    });
}

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

#[tokio::test]
async fn d25_a_failed_save_is_in_no_queue_and_never_tried_again() {
    let setup = Setup {
        heartbeat_ms: 20,
        retry_base_ms: 5,
        retry_attempts: 20,
        ..Setup::default()
    };
    only_with!("D25", setup, async |system: &mut System| {
        let project = system.project("P").await;
        system.stop_vector_store().await;
        let id = system.generation(&project, "A").await;
        let mut stream = system.stream(&id, None).await;
        while stream.event().await.2["content"]["progressPercentage"] != 100 {}
        let get = async |path: &str| {
            let path = path.replace("{id}", &id);
            system.generations.get(&path).await.body["data"].clone()
        };
        let lost = async || {
            // In this order: a job that is `saving` is in the queue, or lost.
            get("/api/v1/generations/{id}").await["status"] == "saving"
                && get("/api/v1/retry/jobs/{id}").await["state"] == "none"
        };
        crate::system::eventually("it is tried a second time, or given up", || async {
            let report = get("/api/v1/retry/jobs/{id}").await;
            report["attempts"].as_u64() >= Some(2) || lost().await
        })
        .await;
        let lost = lost().await;
        system.start_vector_store().await;
        let mut heartbeats = 0;
        let most = if lost { 25 } else { 500 };
        let ended = loop {
            match stream.next().await.unwrap() {
                Some(Frame::Comment(_)) => heartbeats += 1,
                Some(_) => {}
                None => break true,
            }
            // Many times longer than the longest wait, once the vector store is back.
            if heartbeats == most {
                break false;
            }
        };
        assert_eq!(ended, !lost);
        let job = system
            .generations
            .get(&format!("/api/v1/generations/{id}"))
            .await;
        assert_eq!(job.body["data"]["status"] == "saving", lost);
        assert_eq!(job.body["data"]["saveAttempts"] == json!([]), lost);
        lost
    });
}

#[tokio::test]
async fn d26_the_first_wait_is_twice_as_long() {
    let setup = Setup {
        retry_base_ms: 600_000,
        ..Setup::default()
    };
    only_with!("D26", setup, async |system: &mut System| {
        let project = system.project("P").await;
        system.stop_vector_store().await;
        let id = system.generation(&project, "A").await;
        let path = format!("/api/v1/retry/jobs/{id}");
        crate::system::eventually("the first attempt failed", || async {
            system.generations.get(&path).await.body["data"]["attempts"] == 1
        })
        .await;
        let report = system.generations.get(&path).await;
        let attempt = &report.body["data"]["saveAttempts"][0];
        let wait = crate::retry::ms_between(&attempt["endedAt"], &attempt["nextAttemptAt"]);
        assert!((600_000..=1_320_000).contains(&wait), "{wait}");
        wait >= 1_200_000
    });
}
