//! Names of attributes. Those without `assay.` are of the OpenTelemetry semantic conventions
//! (<https://opentelemetry.io/docs/specs/semconv/registry/attributes/>), and mean what is said there.

/// The version of the conventions that these names are of.
pub(super) const SCHEMA_URL: &str = "https://opentelemetry.io/schemas/1.37.0";

pub(super) const CODE_FILE_PATH: &str = "code.file.path";
pub(super) const CODE_LINE_NUMBER: &str = "code.line.number";
pub(super) const DEPLOYMENT_ENVIRONMENT_NAME: &str = "deployment.environment.name";
/// Of what went wrong a class with few values: a status, the case of `http.error`, the kind of a reason.
pub(super) const ERROR_TYPE: &str = "error.type";
pub(super) const EXCEPTION_MESSAGE: &str = "exception.message";
pub(super) const EXCEPTION_STACKTRACE: &str = "exception.stacktrace";
pub(super) const EXCEPTION_TYPE: &str = "exception.type";
pub(super) const HTTP_REQUEST_BODY_SIZE: &str = "http.request.body.size";
pub(super) const HTTP_REQUEST_METHOD: &str = "http.request.method";
pub(super) const HTTP_REQUEST_METHOD_ORIGINAL: &str = "http.request.method_original";
pub(super) const HTTP_RESPONSE_BODY_SIZE: &str = "http.response.body.size";
pub(super) const HTTP_RESPONSE_STATUS_CODE: &str = "http.response.status_code";
pub(super) const SERVER_ADDRESS: &str = "server.address";
pub(super) const SERVER_PORT: &str = "server.port";
pub(super) const SERVICE_NAME: &str = "service.name";
pub(super) const SERVICE_VERSION: &str = "service.version";
pub(super) const TELEMETRY_SDK_LANGUAGE: &str = "telemetry.sdk.language";
pub(super) const TELEMETRY_SDK_NAME: &str = "telemetry.sdk.name";
pub(super) const TELEMETRY_SDK_VERSION: &str = "telemetry.sdk.version";
/// `suite/case`.
pub(super) const TEST_CASE_NAME: &str = "test.case.name";
/// `pass` or `fail`; `skipped` where nothing was tested, for which the conventions have no word.
pub(super) const TEST_CASE_RESULT_STATUS: &str = "test.case.result.status";
pub(super) const TEST_SUITE_NAME: &str = "test.suite.name";
/// `success`, `failure`, `skipped`, or `aborted` if the run was stopped before all was tested.
pub(super) const TEST_SUITE_RUN_STATUS: &str = "test.suite.run.status";
pub(super) const URL_FULL: &str = "url.full";
pub(super) const URL_TEMPLATE: &str = "url.template";
pub(super) const VCS_REF_HEAD_REVISION: &str = "vcs.ref.head.revision";

/// From 1.
pub(super) const ATTEMPT: &str = "assay.attempt";
/// `setup` or `teardown`, of an attempt that is no case's.
pub(super) const HOOK: &str = "assay.hook";
/// `passed`, `skipped`, `flaky`, `degraded`, `failed` or `errored`: finer than what the conventions have.
pub(super) const VERDICT: &str = "assay.verdict";
/// `baseline`, `fault` or `recovery`.
pub(super) const PHASE: &str = "assay.phase";

pub(super) const RUN_ID: &str = "assay.run.id";
pub(super) const RUN_PROFILE: &str = "assay.run.profile";
pub(super) const RUN_SEED: &str = "assay.run.seed";
pub(super) const RUN_JOBS: &str = "assay.run.jobs";
pub(super) const RUN_EXIT_CODE: &str = "assay.run.exit_code";
/// Whether files differ from the commit.
pub(super) const RUN_DIRTY: &str = "assay.run.dirty";

pub(super) const SUITE_VERSION: &str = "assay.suite.version";
pub(super) const SUITE_DIGEST: &str = "assay.suite.digest";

pub(super) const CHECKS_PASSED: &str = "assay.checks.passed";
pub(super) const CHECKS_FAILED: &str = "assay.checks.failed";
pub(super) const REQUESTS: &str = "assay.requests";
pub(super) const STREAMS: &str = "assay.streams";

pub(super) const EXPECTED: &str = "assay.expected";
pub(super) const ACTUAL: &str = "assay.actual";
pub(super) const CHECK_NAME: &str = "assay.check.name";
pub(super) const LOG_LEVEL: &str = "assay.log.level";
pub(super) const MESSAGE: &str = "assay.message";

pub(super) const BASELINE_NAME: &str = "assay.baseline.name";
pub(super) const BASELINE_UNIT: &str = "assay.baseline.unit";
pub(super) const BASELINE_VALUE: &str = "assay.baseline.value";
pub(super) const BASELINE_TARGET: &str = "assay.baseline.target";
pub(super) const BASELINE_CRITICAL: &str = "assay.baseline.critical";
pub(super) const BASELINE_GRADE: &str = "assay.baseline.grade";

/// Under which reports gather it.
pub(super) const REQUEST_NAME: &str = "assay.request.name";
/// Seconds of new connections, and seconds to the first byte of the answer.
pub(super) const REQUEST_CONNECT: &str = "assay.request.connect.duration";
pub(super) const REQUEST_FIRST_BYTE: &str = "assay.request.first_byte.duration";
/// How far a request had come when it broke off.
pub(super) const REQUEST_STAGE: &str = "assay.request.stage";

pub(super) const STREAM_EVENTS: &str = "assay.stream.events";
pub(super) const STREAM_RECONNECTS: &str = "assay.stream.reconnects";
/// Seconds of the longest time between two events.
pub(super) const STREAM_LONGEST_GAP: &str = "assay.stream.longest_gap.duration";
pub(super) const STREAM_END: &str = "assay.stream.end";

/// What sort of thing was refused, in a word, and what it was.
pub(super) const REFUSAL_CAPABILITY: &str = "assay.refusal.capability";
pub(super) const REFUSAL_SUBJECT: &str = "assay.refusal.subject";
/// The line of `assay.toml` that would grant it.
pub(super) const REFUSAL_GRANT: &str = "assay.refusal.grant";

pub(super) const FAULT_ID: &str = "assay.fault.id";
pub(super) const FAULT_TARGET: &str = "assay.fault.target";
pub(super) const FAULT_ACTION: &str = "assay.fault.action";
pub(super) const FAULT_VALUE: &str = "assay.fault.value";
pub(super) const FAULT_TRAFFIC: &str = "assay.fault.traffic";
/// Seconds from the beginning of the heal.
pub(super) const FAULT_HEALTHY_AFTER: &str = "assay.fault.healthy_after.duration";
pub(super) const FAULT_FIRST_SUCCESS_AFTER: &str = "assay.fault.first_success_after.duration";

pub(super) const LOAD_SCENARIO: &str = "assay.load.scenario";
pub(super) const LOAD_EXECUTOR: &str = "assay.load.executor";
pub(super) const LOAD_VUS: &str = "assay.load.vus";
pub(super) const LOAD_ITERATIONS: &str = "assay.load.iterations";
pub(super) const LOAD_FAILED: &str = "assay.load.failed";
pub(super) const LOAD_DROPPED: &str = "assay.load.dropped";
pub(super) const LOAD_INTERRUPTED: &str = "assay.load.interrupted";
/// Iterations that ended, and that were intended, a second.
pub(super) const LOAD_RATE: &str = "assay.load.rate";
pub(super) const LOAD_INTENDED_RATE: &str = "assay.load.intended_rate";
/// Whether the generator itself was the limit.
pub(super) const LOAD_SATURATED: &str = "assay.load.saturated";
/// Seconds of successful iterations.
pub(super) const LOAD_P50: &str = "assay.load.latency.p50";
pub(super) const LOAD_P95: &str = "assay.load.latency.p95";
pub(super) const LOAD_P99: &str = "assay.load.latency.p99";
pub(super) const LOAD_MAX: &str = "assay.load.latency.max";

pub(super) const SERVICE: &str = "assay.service";
/// Seconds from its start to its first good answer.
pub(super) const SERVICE_READY_AFTER: &str = "assay.service.ready_after.duration";
/// Whether this run started it.
pub(super) const SERVICE_MANAGED: &str = "assay.service.managed";

pub(super) const REGRESSION_NAME: &str = "assay.regression.name";
