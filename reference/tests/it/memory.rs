//! What the services keep in memory: nothing that grows with what they store.

use serde_json::json;

use crate::child::Process;
use crate::system::Setup;

/// The size of each text: a long one, so that few are many bytes.
const TEXT: usize = 512 << 10;
/// How many there are: 32 MiB in all, far more than is kept of the file.
const TEXTS: usize = 64;
/// What the process may grow by, in bytes.
const ROOM: u64 = 20 << 20;

#[tokio::test]
async fn what_is_stored_is_not_kept_in_memory() {
    let system = Setup::default().start().await;
    let data = tempfile::tempdir().unwrap();
    let process = Process::project_service(&system, &data).await;
    let client = process.client();
    let before = process.memory();
    let project = json!({"name": "long", "type": "drama"});
    let project = client.post("/api/v1/projects", &project).await;
    let path = format!("/api/v1/projects/{}/episodes", project.text("/data/id"));
    let episode = json!({"script": {"markdown": "x".repeat(TEXT)}});
    for _ in 0..TEXTS {
        assert_eq!(client.post(&path, &episode).await.status, 201);
    }
    let grown = process.memory().saturating_sub(before);
    assert!(grown < ROOM, "{} KiB more", grown >> 10);
}
