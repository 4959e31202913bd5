//! What does not compile, and must not. The first one is the measure: it is right in all that the others have wrong.
//!
//! ```
//! use assay_sdk::prelude::*;
//! suite! { name: "core-flow", baselines: [Baseline::at_most("latency", "ms", 100.0, 500.0)], wants: { hosts: ["a.test:443"] } }
//! #[setup]
//! async fn first() -> Result<u32> { Ok(1) }
//! #[case(timeout = "20s")]
//! async fn one_underscore(one: u32) -> Result<()> { check!(one == 1); Ok(()) }
//! mod other {
//!     use assay_sdk::prelude::*;
//!     #[case]
//!     async fn another() {}
//! }
//! # fn main() {}
//! ```
//!
//! A name that is not kebab-case once its underscores are dashes:
//! ```compile_fail
//! use assay_sdk::prelude::*;
//! #[case]
//! async fn two__underscores() {}
//! # fn main() {}
//! ```
//!
//! A duration that is none:
//! ```compile_fail
//! use assay_sdk::prelude::*;
//! #[case(timeout = "20 seconds")]
//! async fn slow() {}
//! # fn main() {}
//! ```
//!
//! Two cases of one name, though in two modules:
//! ```compile_fail,E0428
//! use assay_sdk::prelude::*;
//! #[case]
//! async fn same() {}
//! mod other {
//!     use assay_sdk::prelude::*;
//!     #[case]
//!     async fn same() {}
//! }
//! # fn main() {}
//! ```
//!
//! A second setup:
//! ```compile_fail,E0428
//! use assay_sdk::prelude::*;
//! #[setup]
//! async fn first() -> Result<u32> { Ok(1) }
//! #[setup]
//! async fn second() -> Result<u32> { Ok(2) }
//! # fn main() {}
//! ```
//!
//! A case that answers something:
//! ```compile_fail,E0277
//! use assay_sdk::prelude::*;
//! #[case]
//! async fn answers() -> Result<u32> { Ok(1) }
//! # fn main() {}
//! ```
//!
//! A case that takes two values:
//! ```compile_fail
//! use assay_sdk::prelude::*;
//! #[case]
//! async fn takes(one: u32, two: u32) {}
//! # fn main() {}
//! ```
//!
//! A suite with another name than kebab-case:
//! ```compile_fail
//! use assay_sdk::prelude::*;
//! suite! { name: "Core Flow" }
//! # fn main() {}
//! ```
//!
//! A baseline whose critical level is better than its target:
//! ```compile_fail,E0080
//! use assay_sdk::prelude::*;
//! suite! { name: "core-flow", baselines: [Baseline::at_most("latency", "ms", 500.0, 100.0)] }
//! # fn main() {}
//! ```
//!
//! A host to be granted without its port:
//! ```compile_fail
//! use assay_sdk::prelude::*;
//! suite! { name: "core-flow", wants: { hosts: ["a.test"] } }
//! # fn main() {}
//! ```
//!
//! Something to be granted that nobody knows:
//! ```compile_fail
//! use assay_sdk::prelude::*;
//! suite! { name: "core-flow", wants: { files: ["/etc"] } }
//! # fn main() {}
//! ```
//!
//! A condition that is no condition:
//! ```compile_fail,E0308
//! use assay_sdk::prelude::*;
//! fn helper() { check!(1 + 1); }
//! ```
