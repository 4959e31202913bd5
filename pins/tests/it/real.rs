//! A real registry: Debian's docker-registry on loopback.

use assay_pins::{
    Digest,
    fetch::How,
    limits::Limits,
    lock::{Lock, Pin},
    registry::{Login, Logins},
    signature::{Policy, SecretKey, Signature, Trust},
    source::{Reference, Source},
    verify::Gate,
};

use assay_test_server::registry::Registry;

use super::made::{Place, artifact, pin, place, place_of};

/// As many bytes as a plugin has that was built for size.
fn plugin(seed: u8) -> Vec<u8> {
    let mut state = u32::from(seed) + 1;
    let mut bytes = b"\0asm\x0d\0\x01\0".to_vec();
    bytes.extend((0..100_000 + usize::from(seed) * 50_000).map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    }));
    bytes
}

fn reference(registry: &Registry, name: &str) -> Reference {
    let text = format!("oci://{}/suites/{name}", registry.host);
    match text.parse().unwrap() {
        Source::Registry(reference) => reference,
        other => panic!("{other:?}"),
    }
}

async fn publish(place: &Place, registry: &Registry, name: &str, bytes: &[u8]) -> Digest {
    let reference = reference(registry, name);
    let published = place.fetcher.publish(&reference, &artifact(bytes)).await;
    let published = published.unwrap();
    assert_eq!(published.plugin, Digest::of(bytes));
    published.manifest
}

fn pinned(registry: &Registry, name: &str, bytes: &[u8]) -> Pin {
    let suite = name.split(':').next().unwrap();
    let source = format!("oci://{}/suites/{name}", registry.host);
    pin(suite, &source, bytes)
}

#[tokio::test]
async fn what_is_published_is_found_locked_fetched_and_admitted() {
    let Some(registry) = Registry::start() else {
        return;
    };
    let author = place(Limits::default());
    let secret = SecretKey::create(&author.folder.path().join("key.pem")).unwrap();
    let mut pins = Vec::new();
    for seed in 0..5 {
        let bytes = plugin(seed);
        let name = format!("suite-{seed}");
        let reference = reference(&registry, &format!("{name}:1.0"));
        let mut artifact = artifact(&bytes);
        artifact.signatures = vec![Signature::sign(&secret, &artifact.digest())];
        author.fetcher.publish(&reference, &artifact).await.unwrap();
        let source = Source::Registry(reference);
        let found = author.fetcher.find(&source).await.unwrap();
        assert_eq!(
            (found.digest, found.size),
            (Digest::of(&bytes), bytes.len() as u64)
        );
        pins.push(Pin {
            signatures: found.signatures,
            ..pinned(&registry, &format!("{name}:1.0"), &bytes)
        });
    }
    let user = place(Limits::default());
    let path = user.folder.path().join("assay.lock");
    Lock::new(pins).unwrap().write(&path).unwrap();
    let lock = Lock::read(&path).unwrap();
    for (pin, outcome) in user.fetcher.fetch(lock.pins()).await.unwrap() {
        assert_eq!(outcome.unwrap(), How::Fetched { bytes: pin.size });
    }
    let policy = Policy::Require(vec![secret.public()]);
    let gate = Gate::new(&lock, user.folder.path(), user.fetcher.cache(), &policy);
    let all = gate.look_at_all();
    assert_eq!(all.len(), 5);
    for (_, looked) in all {
        assert_eq!(looked.unwrap().trust, Trust::Signed(secret.public()));
    }
}

#[tokio::test]
async fn a_tag_that_was_moved_leaves_what_is_pinned() {
    let Some(registry) = Registry::start() else {
        return;
    };
    let author = place(Limits::default());
    let (old, new) = (plugin(0), plugin(1));
    let manifest = publish(&author, &registry, "suite:1.0", &old).await;
    publish(&author, &registry, "suite:1.0", &new).await;
    let user = place(Limits::default());
    let pin = pinned(&registry, "suite:1.0", &old);
    let bytes = old.len() as u64;
    assert_eq!(user.fetch(&pin).await.unwrap(), How::Fetched { bytes });
    let moved = user
        .fetcher
        .resolve(&reference(&registry, "suite:1.0"))
        .await;
    assert_eq!(moved.unwrap().plugin, Digest::of(&new));
    let by_digest = reference(&registry, &format!("suite@{manifest}"));
    let first = user.fetcher.resolve(&by_digest).await.unwrap();
    assert_eq!(first.plugin, Digest::of(&old));
}

#[tokio::test]
async fn a_blob_that_was_tampered_with_in_the_registry_is_refused() {
    let Some(registry) = Registry::start() else {
        return;
    };
    let bytes = plugin(0);
    publish(&place(Limits::default()), &registry, "suite:1.0", &bytes).await;
    let digest = Digest::of(&bytes);
    let mut tampered = bytes.clone();
    tampered[50_000] ^= 1;
    std::fs::write(registry.blob(&digest.hexadecimal()), &tampered).unwrap();
    let user = place(Limits::default());
    let problem = user.problem(&pinned(&registry, "suite:1.0", &bytes)).await;
    let expected = format!("has to be {digest}, and it is {}", Digest::of(&tampered));
    assert!(problem.contains(&expected), "{problem}");
}

#[tokio::test]
async fn what_is_not_there_is_told_in_the_registry_s_words() {
    let Some(registry) = Registry::start() else {
        return;
    };
    let bytes = plugin(0);
    let place = place(Limits::default());
    publish(&place, &registry, "suite:1.0", &bytes).await;
    let problem = place
        .problem(&pinned(&registry, "suite:1.0", b"other"))
        .await;
    assert!(problem.contains("answered 404: BLOB_UNKNOWN"), "{problem}");
    let missing = place
        .fetcher
        .resolve(&reference(&registry, "suite:2.0"))
        .await;
    let problem = missing.unwrap_err().to_string();
    assert!(
        problem.contains("answered 404: MANIFEST_UNKNOWN"),
        "{problem}"
    );
}

#[tokio::test]
async fn a_registry_that_wants_a_login_gets_it_and_gives_nothing_without() {
    let Some(registry) = Registry::start_guarded() else {
        return;
    };
    let mut logins = Logins::default();
    let login = Login {
        user: "somebody".to_owned(),
        password: "geheim".to_owned(),
    };
    logins.insert(&registry.host, login);
    let bytes = plugin(0);
    let author = place_of(Limits::default(), logins);
    publish(&author, &registry, "suite:1.0", &bytes).await;
    let pin = pinned(&registry, "suite:1.0", &bytes);
    let stranger = place(Limits::default());
    let problem = stranger.problem(&pin).await;
    assert!(problem.contains("answered 401: UNAUTHORIZED"), "{problem}");
    author.fetch(&pin).await.unwrap();
}
