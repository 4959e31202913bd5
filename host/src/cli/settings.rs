//! From parsed arguments to [`Settings`]: gathers what [`config::resolve`] wants to know of the world.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use clap::Args;

use crate::{
    cli::{GlobalArguments, output},
    config::{
        self, ConfigError, Inputs, Origin, Overrides, Settings,
        document::{Document, MAX_BYTES, search},
    },
};

/// Arguments that choose values of the configuration, for every command that needs an environment.
#[derive(Args, Clone, Debug, Default)]
pub struct SettingsArguments {
    /// The environment of `assay.toml` to test; `none` has no services.
    #[arg(long, value_name = "NAME")]
    pub environment: Option<String>,
    /// The profile of `assay.toml` to use.
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Set a value of `[settings]`, such as `reference.step-ms=5`; may be repeated.
    #[arg(long, value_name = "NAME=VALUE")]
    pub set: Vec<String>,
    /// Use a service that runs instead of starting it; may be repeated.
    #[arg(long, value_name = "NAME=URL")]
    pub service: Vec<String>,
}

impl SettingsArguments {
    /// What they override.
    pub fn overrides(&self) -> Overrides {
        let run = [
            ("environment", self.environment.clone()),
            ("profile", self.profile.clone()),
        ];
        Overrides {
            run: given(run),
            set: self.set.clone(),
            services: self.service.clone(),
            ..Overrides::default()
        }
    }

    /// The arguments that they came from, for another process of the host.
    pub fn to_arguments(&self) -> Vec<String> {
        let single = [
            ("environment", &self.environment),
            ("profile", &self.profile),
        ];
        let single = single
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.as_ref()?)));
        let repeated = [("set", &self.set), ("service", &self.service)];
        let repeated = repeated
            .into_iter()
            .flat_map(|(name, values)| values.iter().map(move |value| (name, value)));
        single
            .chain(repeated)
            .map(|(name, value)| format!("--{name}={value}"))
            .collect()
    }
}

/// Those that were given.
pub(crate) fn given(
    values: impl IntoIterator<Item = (&'static str, Option<String>)>,
) -> Vec<(&'static str, String)> {
    values
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
        .collect()
}

/// The settings of this process: its arguments, its variables, its folder.
pub fn resolve(global: &GlobalArguments, overrides: Overrides) -> Result<Settings, ConfigError> {
    let directory = std::env::current_dir().map_err(|error| {
        let message = format!("the working folder cannot be read: {error}");
        ConfigError::new(&Origin::Default, message, "change to a folder that exists")
    })?;
    let variables = variables()?;
    let document = document(global, &variables, &directory)?;
    let settings = config::resolve(Inputs {
        document,
        directory,
        variables,
        overrides,
        // 32 bits: a person can type it again.
        seed: fastrand::u32(..).into(),
    })?;
    output::redact(&settings.redactor);
    for warning in &settings.warnings {
        output::note(&format!("warning: {warning}"));
    }
    Ok(settings)
}

fn variables() -> Result<Vec<(String, String)>, ConfigError> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
        .filter(|(name, _)| name.starts_with("ASSAY_"))
        .map(|(name, value)| {
            let read = value.into_string().map_err(|_| {
                let origin = Origin::Variable(name.clone());
                ConfigError::new(&origin, "the value is no UTF-8", "write it in UTF-8")
            });
            read.map(|value| (name, value))
        })
        .collect()
}

fn document(
    global: &GlobalArguments,
    variables: &[(String, String)],
    directory: &Path,
) -> Result<Option<Document>, ConfigError> {
    let variable = variables
        .iter()
        .find(|(name, _)| name == config::CONFIG_VARIABLE);
    let (file, origin) = if let Some(file) = &global.config {
        (
            directory.join(file),
            Origin::Argument("--config".to_owned()),
        )
    } else if let Some((name, file)) = variable {
        (directory.join(file), Origin::Variable(name.clone()))
    } else if let Some(file) = search(directory) {
        (file, Origin::Default)
    } else {
        return Ok(None);
    };
    read(&file, directory).map(Some).map_err(|problem| {
        let message = format!("`{}` cannot be read: {problem}", file.display());
        ConfigError::new(
            &origin,
            message,
            "name a readable text file with `--config FILE`",
        )
    })
}

fn read(file: &Path, directory: &Path) -> Result<Document, String> {
    let mut text = String::new();
    fs::File::open(file)
        .and_then(|opened| opened.take(MAX_BYTES + 1).read_to_string(&mut text))
        .map_err(|error| error.to_string())?;
    if text.len() as u64 > MAX_BYTES {
        return Err(format!("it has more than {MAX_BYTES} bytes"));
    }
    let folder = file
        .parent()
        .map_or_else(|| directory.to_owned(), PathBuf::from);
    Ok(Document {
        name: file.strip_prefix(directory).unwrap_or(file).to_owned(),
        folder,
        text,
    })
}
