use std::fs;

use super::*;
use crate::{
    cache::{DEFAULT_CAPACITY, Kept},
    signature::{SecretKey, Signature},
};

/// A folder with plugins, a cache that has them, and a lock of them.
struct Locked {
    folder: tempfile::TempDir,
    cache: Cache,
    lock: Lock,
}

const NAMES: [&str; 2] = ["analysis", "core-flow"];

fn locked(sign: impl Fn(&Digest) -> Vec<Signature>) -> Locked {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::new(folder.path().join("cache"), DEFAULT_CAPACITY);
    let pins = NAMES.map(|name| {
        let bytes = format!("the bytes of {name}");
        fs::write(folder.path().join(format!("{name}.wasm")), &bytes).unwrap();
        let mut incoming = cache.begin().unwrap();
        incoming.write(bytes.as_bytes()).unwrap();
        let Kept::Stored { digest, size } = incoming.keep(None).unwrap() else {
            panic!("nothing was wanted")
        };
        Pin {
            name: name.to_owned(),
            version: "0.1.0".to_owned(),
            contract: "assay:suite@0.1.0".to_owned(),
            source: format!("./{name}.wasm").parse().unwrap(),
            digest,
            size,
            signatures: sign(&digest),
        }
    });
    Locked {
        folder,
        cache,
        lock: Lock::new(pins).unwrap(),
    }
}

fn unsigned(_: &Digest) -> Vec<Signature> {
    Vec::new()
}

impl Locked {
    fn gate<'a>(&'a self, policy: &'a Policy) -> Gate<'a> {
        Gate::new(&self.lock, self.folder.path(), &self.cache, policy)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn pin(&self, name: &str) -> &Pin {
        self.lock.get(name).unwrap()
    }
}

#[test]
fn what_is_locked_may_run_whatever_it_is_called() {
    let locked = locked(unsigned);
    let gate = locked.gate(&Policy::None);
    for name in NAMES {
        let copy = locked.file("copy.wasm");
        fs::copy(locked.file(&format!("{name}.wasm")), &copy).unwrap();
        let in_cache = locked.cache.path(&locked.pin(name).digest);
        for path in [locked.file(&format!("{name}.wasm")), copy, in_cache] {
            let admitted = gate.look(&path).unwrap();
            assert_eq!(admitted.pin.name, name);
            assert_eq!(admitted.trust, Trust::Unasked);
        }
    }
}

#[test]
fn each_flipped_byte_is_refused_with_the_digest_that_was_wanted_and_the_one_that_is() {
    let locked = locked(unsigned);
    let gate = locked.gate(&Policy::None);
    for name in NAMES {
        let pin = locked.pin(name);
        for path in [
            locked.file(&format!("{name}.wasm")),
            locked.cache.path(&pin.digest),
        ] {
            let whole = fs::read(&path).unwrap();
            for at in 0..whole.len() {
                let mut bytes = whole.clone();
                bytes[at] ^= 1;
                fs::write(&path, &bytes).unwrap();
                match gate.look(&path) {
                    Err(Refusal::Changed {
                        name: of,
                        wanted,
                        got,
                        ..
                    }) => {
                        assert_eq!(of, name);
                        assert_eq!((wanted, got), (pin.digest, Digest::of(&bytes)));
                    }
                    other => panic!("byte {at}: {other:?}"),
                }
            }
            fs::write(&path, &whole).unwrap();
        }
    }
}

#[test]
fn a_changed_file_is_known_by_its_place_though_it_has_another_name() {
    let mut locked = locked(unsigned);
    let mut pins: Vec<Pin> = locked.lock.pins().cloned().collect();
    pins[0].source = "./other.wasm".parse().unwrap();
    locked.lock = Lock::new(pins).unwrap();
    fs::write(locked.file("other.wasm"), "changed").unwrap();
    let gate = locked.gate(&Policy::None);
    let detour = locked.file("cache/../other.wasm");
    let error = gate.look(&detour).unwrap_err();
    assert!(matches!(error, Refusal::Changed { name, .. } if name == "analysis"));
}

#[test]
fn what_nobody_locked_is_refused_with_what_it_is() {
    let locked = locked(unsigned);
    let gate = locked.gate(&Policy::None);
    let path = locked.file("stranger.wasm");
    fs::write(&path, "stranger").unwrap();
    let error = gate.look(&path).unwrap_err();
    let expected = Digest::of(b"stranger");
    assert!(matches!(error, Refusal::NotLocked { got, .. } if got == expected));
    let missing = gate.look(&locked.file("missing.wasm")).unwrap_err();
    assert!(matches!(missing, Refusal::Unreadable { .. }), "{missing}");
}

#[test]
fn a_plugin_that_is_not_in_the_cache_is_told_with_what_it_has_to_be() {
    let locked = locked(unsigned);
    let gate = locked.gate(&Policy::None);
    let paths = NAMES.map(|name| locked.cache.path(&locked.pin(name).digest));
    assert_eq!(gate.files().unwrap(), paths);
    assert!(gate.look_at_all().iter().all(|(_, looked)| looked.is_ok()));
    locked
        .cache
        .discard(&locked.pin("core-flow").digest)
        .unwrap();
    for error in [
        gate.files().unwrap_err(),
        gate.look_at_all().pop().unwrap().1.unwrap_err(),
    ] {
        let expected = locked.pin("core-flow").digest;
        assert!(matches!(error, Refusal::NotFetched { wanted, .. } if wanted == expected));
    }
}

#[test]
fn what_the_policy_demands_is_demanded_of_what_is_locked() {
    let secret = SecretKey::from_seed(&[1; 32]);
    let stranger = SecretKey::from_seed(&[2; 32]).public();
    let locked = locked(|digest| vec![Signature::sign(&secret, digest)]);
    let path = locked.file("analysis.wasm");
    let look = |policy: Policy| {
        locked
            .gate(&policy)
            .look(&path)
            .map(|admitted| admitted.trust)
    };
    let signed = look(Policy::Require(vec![secret.public()])).unwrap();
    assert_eq!(signed, Trust::Signed(secret.public()));
    let warned = look(Policy::Warn(vec![stranger])).unwrap();
    assert_eq!(warned, Trust::Warned(Distrust::UnknownKey(secret.public())));
    let refused = look(Policy::Require(vec![stranger])).unwrap_err();
    assert!(matches!(refused, Refusal::Distrusted { name, .. } if name == "analysis"));
}

#[test]
fn a_signature_of_other_bytes_does_not_admit_these() {
    let secret = SecretKey::from_seed(&[1; 32]);
    let locked = locked(|_| vec![Signature::sign(&secret, &Digest::of(b"other"))]);
    let policy = Policy::Require(vec![secret.public()]);
    let refused = locked.gate(&policy).look(&locked.file("analysis.wasm"));
    assert!(matches!(
        refused,
        Err(Refusal::Distrusted {
            distrust: Distrust::Forged(..),
            ..
        })
    ));
}
