//! Keys and their files: the secret one as PKCS #8 in PEM (RFC 8410), as `openssl genpkey -algorithm ed25519` writes it; the public one
//! as a line of text for `assay.toml`, or as SPKI in PEM.

use std::{
    fmt,
    fs::{File, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    str::FromStr,
};

use assay_report::hint::Hinted;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use thiserror::Error;

use super::PREFIX;

/// Bytes of a key's file that are read; a key has less than 200.
const MAX_FILE: u64 = 16 << 10;
/// What is before the 32 bytes of a secret key in its file, in DER (RFC 8410, section 7).
const SECRET_DER: &[u8] = &[
    0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20,
];
/// What is before the 32 bytes of a public key in its file, in DER (RFC 8410, section 4).
const PUBLIC_DER: &[u8] = &[0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0];

/// What signs. It is never shown.
pub struct SecretKey(Ed25519KeyPair);

impl SecretKey {
    /// Makes a new one, of the system's randomness, in a new file that only its owner may read. A file that is there stays: whatever it
    /// signed would lose its key.
    pub fn create(path: &Path) -> Result<Self, KeyError> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|error| KeyError::Random(error.to_string()))?;
        let key = Ed25519KeyPair::from_seed_unchecked(&seed)
            .map_err(|error| KeyError::Random(error.to_string()))?;
        let text = pem("PRIVATE KEY", &[SECRET_DER, &seed].concat());
        let failed = |source| KeyError::Write {
            path: path.to_owned(),
            source,
        };
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(failed)?;
        file.write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(failed)?;
        Ok(Self(key))
    }

    /// Reads a file in PKCS #8, PEM.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let text = read(path)?;
        let none = || KeyError::NoSecretKey(path.to_owned());
        let der = of_pem("PRIVATE KEY", &text).ok_or_else(none)?;
        // OpenSSL writes the first version, which has no public key to be checked against.
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der)
            .map(Self)
            .map_err(|_| none())
    }

    /// The key that others verify with.
    pub fn public(&self) -> PublicKey {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.0.public_key().as_ref());
        PublicKey(bytes)
    }

    pub(super) fn sign(&self, message: &[u8]) -> [u8; 64] {
        let mut bytes = [0; 64];
        bytes.copy_from_slice(self.0.sign(message).as_ref());
        bytes
    }
}

#[cfg(test)]
impl SecretKey {
    pub(crate) fn from_seed(seed: &[u8; 32]) -> Self {
        Self(Ed25519KeyPair::from_seed_unchecked(seed).unwrap())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SecretKey(of {})", self.public())
    }
}

/// What verifies, shown as `ed25519:` and its 32 bytes in Base64.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// Reads a file with a line of text or an SPKI in PEM.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        read(path)?.trim().parse()
    }

    pub(super) fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        let key = UnparsedPublicKey::new(&ED25519, &self.0);
        key.verify(message, signature).is_ok()
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{PREFIX}{}", STANDARD.encode(self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl FromStr for PublicKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let bytes = match text.strip_prefix(PREFIX) {
            Some(digits) => STANDARD.decode(digits).ok(),
            None => of_pem("PUBLIC KEY", text)
                .and_then(|der| Some(der.strip_prefix(PUBLIC_DER)?.to_vec())),
        };
        bytes
            .and_then(|bytes| bytes.try_into().ok())
            .map(Self)
            .ok_or(KeyError::NoPublicKey)
    }
}

/// A text by RFC 7468: what is short enough here for one line of Base64.
fn pem(label: &str, der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
}

fn of_pem(label: &str, text: &str) -> Option<Vec<u8>> {
    let (_, rest) = text.split_once(&format!("-----BEGIN {label}-----"))?;
    let (body, _) = rest.split_once(&format!("-----END {label}-----"))?;
    let digits: String = body.split_whitespace().collect();
    STANDARD.decode(digits).ok()
}

fn read(path: &Path) -> Result<String, KeyError> {
    let failed = |source| KeyError::Read {
        path: path.to_owned(),
        source,
    };
    let mut text = String::new();
    let file = File::open(path).map_err(failed)?;
    file.take(MAX_FILE)
        .read_to_string(&mut text)
        .map_err(failed)?;
    Ok(text)
}

/// Why there is no key. Nothing here shows any of a secret one.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The system has no randomness.
    #[error("cannot make a key: {0}")]
    Random(String),
    /// A file cannot be read.
    #[error("cannot read the key `{}`: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write the key `{}`: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file holds something else.
    #[error("`{}` holds no secret key of Ed25519", .0.display())]
    NoSecretKey(PathBuf),
    /// A text is something else.
    #[error("this is no public key of Ed25519")]
    NoPublicKey,
}

impl Hinted for KeyError {
    fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Random(_) => "try again; the system had no random bytes",
            Self::Read { .. } => "look whether it is there and may be read",
            Self::Write { source, .. } if source.kind() == io::ErrorKind::AlreadyExists => {
                "choose another name: a key that is lost cannot be made again"
            }
            Self::Write { .. } => "choose a folder that you may write to",
            Self::NoSecretKey(_) => {
                "it is PKCS #8 in PEM without a password, as `openssl genpkey -algorithm ed25519` writes it"
            }
            Self::NoPublicKey => {
                "it is `ed25519:` and 32 bytes in Base64, or SPKI in PEM as `openssl pkey -pubout` writes it"
            }
        };
        Some(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// RFC 8410, section 10.3, and the public key of section 10.1.
    const SECRET: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
    const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";

    fn written(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        file
    }

    #[test]
    fn the_keys_of_the_standard_are_a_pair() {
        let secret = SecretKey::read(written(SECRET).path()).unwrap();
        let public = PublicKey::read(written(PUBLIC).path()).unwrap();
        assert_eq!(secret.public(), public);
        let line = public.to_string();
        assert_eq!(line, "ed25519:Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=");
        assert_eq!(
            PublicKey::read(written(&format!("{line}\n")).path()).unwrap(),
            public
        );
    }

    #[test]
    fn a_new_key_is_written_for_its_owner_and_never_over_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        let secret = SecretKey::create(&path).unwrap();
        let mode = path.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(SecretKey::read(&path).unwrap().public(), secret.public());
        let other = SecretKey::create(&folder.path().join("other.pem")).unwrap();
        assert_ne!(other.public(), secret.public());
        let error = SecretKey::create(&path).unwrap_err();
        assert!(matches!(error, KeyError::Write { .. }), "{error}");
        assert_eq!(SecretKey::read(&path).unwrap().public(), secret.public());
    }

    #[test]
    fn a_secret_key_is_not_shown() {
        let secret = SecretKey::from_seed(&[0x41; 32]);
        let shown = format!("{secret:?}");
        assert_eq!(shown, format!("SecretKey(of {})", secret.public()));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let short = format!("ed25519:{}", STANDARD.encode([1; 31]));
        for text in ["", "ed25519:", "ed25519:%", &short, SECRET] {
            let error = text.parse::<PublicKey>().unwrap_err();
            assert!(matches!(error, KeyError::NoPublicKey), "{text}: {error}");
        }
        for text in ["", PUBLIC, &SECRET[..80]] {
            let error = SecretKey::read(written(text).path()).unwrap_err();
            assert!(matches!(error, KeyError::NoSecretKey(_)), "{error}");
        }
    }
}
