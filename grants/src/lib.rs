//! What a plugin of Assay may do, without WebAssembly: deny by default for every plugin that is not the project's own.
//!
//! - [`Grants`] are what `[grants.NAME]` of `assay.toml` grants, and what a plugin [declares](declaration) that it wants: one shape, so that
//!   what is [missing](Missing) can be told before any of its cases runs, with the very lines that would grant it.
//! - [`standing`](standing::standing) says whether a plugin is the project's own, and [`Permit`] what it may do in a run.
//! - [`Permit`] and [`Network`] answer every question of the capabilities; a [`Denied`] is for the plugin, the report and a person, and
//!   [`Gathered`] are all of a run, as the one table that would grant them.
//!
//! Nothing here opens a connection, a file or a component: whoever does asks first.
//!
//! ```
//! use assay_grants::{Grants, Network, Permit};
//!
//! let grants: Grants = toml::from_str(r#"hosts = ["*.shop.test:443"]"#)?;
//! let network = Network::new(&Permit::only("shop", grants), []);
//! assert!(network.may_ask(&"https://api.shop.test/orders".parse()?).is_ok());
//! assert!(network.may_connect("api.shop.test", "1.1.1.1".parse()?, 443).is_ok());
//! // The name leads somewhere else since.
//! let denied = network.may_connect("api.shop.test", "10.1.2.3".parse()?, 443).unwrap_err();
//! assert_eq!(denied.line().as_deref(), Some(r#"grants.shop.hosts = ["10.1.2.3:443"]"#));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod amounts;
pub mod declaration;
mod denied;
pub mod fault;
mod gathered;
mod grants;
pub mod host_pattern;
mod invalid;
pub mod items;
pub mod limits;
mod missing;
pub mod names;
mod network;
mod permit;
pub mod range;
pub mod special;
pub mod standing;
pub mod table;
pub mod text;

pub use denied::{Denied, Kind};
pub use gathered::{Gathered, Wanted};
pub use grants::Grants;
pub use invalid::Invalid;
pub use missing::Missing;
pub use network::{Answers, Network};
pub use permit::{Permit, Target};
