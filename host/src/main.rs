//! The command `host`.

fn main() -> std::process::ExitCode {
    assay_host::exit::Exit::Usage.into()
}
