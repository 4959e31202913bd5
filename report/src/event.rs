//! What happens in a run, as owned values in one order. Reporters know nothing else, so a recorded log replays into any of them.
//!
//! The dispatcher is the only one that makes an [`Event`] out of an [`EventKind`]: it numbers and times it.

mod agent;
mod detail;
mod evidence;
mod fault;
mod figure;
mod load;
mod outcome;
mod proposal;
mod refusal;
mod regression;
mod run;
mod service;
mod shard;
mod size;
mod source;

use assay_load::series::Point;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) use self::figure::figure;
pub use self::{
    agent::Agent,
    detail::{
        ExchangeDetail, Header, MAX_BODY_BYTES, MAX_EVENT_BYTES, MAX_HEADER_BYTES, MAX_HEADERS,
        MAX_STREAM_EVENTS, Message, MessageBody, StreamedEvent,
    },
    evidence::{
        Attachment, AttemptCounts, Check, Exchange, ExchangeError, Level, OutputStream, Stage,
        StreamSummary,
    },
    fault::{Fault, FaultDirection, FaultOptions, FaultStage, HealedFault},
    figure::{
        Baseline, Direction, Distribution, Exact, Grade, Judgement, MetricSnapshot, MetricValue,
        series,
    },
    load::{LoadClock, LoadEnd, LoadInfo, LoadLoss, LoadMachine, LoadRefill, LoadTaker},
    outcome::{Outcome, Reason, ReasonKind},
    proposal::{AgentProposal, MAX_REFUSING_AGENTS, MAX_TABLE_BYTES, Proposal},
    refusal::{MAX_CAPABILITY_BYTES, MAX_GRANT_BYTES, MAX_REFUSAL_BYTES, Refusal},
    regression::{MAX_REGRESSIONS, Regression, RegressionCheck},
    run::{CaseInfo, LinkInfo, LogVersion, PluginInfo, Provenance, RunInfo, RunStats, ServiceInfo},
    service::{ServiceState, ServiceStatus},
    shard::{MAX_SHARDS, MergedShard, NoShard, Shard, ShardInfo},
    source::{Owner, Source},
};
use crate::verdict::Verdict;
pub use assay_load::{Phase, encoded::EncodedHistogram};

/// Something that happened. The text form is one line of JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// From 0, without gaps: the order is the truth.
    pub sequence: u64,
    /// Nanoseconds since the start of the run.
    pub at_ns: u64,
    /// The phase when it happened. What took time (a request, a stream) belongs to `fault` if a fault was active at any moment of it.
    /// Logs of older hosts do not have it.
    #[serde(default)]
    pub phase: Phase,
    /// The number of the shard that it was told by; none if nobody merged the run, and for what is of all its shards together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of_shard: Option<u32>,
    /// What it was.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EventKind {
    /// The first event of each run.
    RunStarted(RunInfo),
    /// Every service of the environment answered.
    EnvironmentReady {
        /// In the order of their start.
        services: Vec<ServiceInfo>,
        /// From the start of the first to the readiness of the last.
        duration_ns: u64,
    },
    /// The environment could not be brought up; no case runs.
    EnvironmentFailed {
        /// Why, and what to do.
        message: String,
    },
    /// A service is down that nobody ended and that has no fault. Told once, when it is first seen: after an attempt that went bad,
    /// or at the end of the cases. The run cannot be good any more: what ran when it died failed by it, and what goes bad later is errored.
    ServiceDied {
        /// The service.
        service: String,
        /// How it ended, what to do, and its last lines.
        message: String,
    },
    /// The first attempt of a case begins.
    CaseStarted {
        /// The suite.
        suite: String,
        /// The case.
        case: String,
        /// How many attempts it may have.
        attempts: u32,
    },
    /// A case runs still: told after 30 s, and whenever that time has doubled.
    CaseStillRunning {
        /// The suite.
        suite: String,
        /// The case.
        case: String,
        /// Since its first attempt began.
        for_ns: u64,
    },
    /// An attempt, a setup or a teardown begins.
    AttemptStarted(Source),
    /// An agent runs the attempt from now on. Told again when that agent is lost and another one runs it, from its beginning: nothing is
    /// told of what the lost one made of it. What an agent tells of an attempt comes when the attempt is over, with the times at which it
    /// was. Logs of older hosts do not have it.
    AttemptPlaced {
        /// Which attempt.
        source: Source,
        /// The name of the agent.
        agent: String,
    },
    /// An agent does not take part any more although the run goes on. What it ran is given to another one; a load that it had a share in
    /// ends. Logs of older hosts do not have it.
    AgentLost {
        /// Its name.
        agent: String,
        /// How, and what becomes of what it ran.
        message: String,
    },
    /// A line of the log of an attempt.
    Log {
        /// Of which attempt.
        source: Source,
        /// How much it matters.
        level: Level,
        /// The line.
        message: String,
    },
    /// What the plugin wrote to standard output or standard error.
    Output {
        /// Of which attempt.
        source: Source,
        /// Which of the two.
        stream: OutputStream,
        /// All of it, at most the limit.
        text: String,
        /// Whether the limit cut it.
        truncated: bool,
    },
    /// A check, passed or failed.
    Checked {
        /// Of which attempt.
        source: Source,
        /// The check.
        check: Check,
    },
    /// A baseline, judged.
    Judged {
        /// Of which attempt.
        source: Source,
        /// The figure, the levels and the grade.
        judgement: Judgement,
    },
    /// A request and how it ended.
    Exchanged {
        /// Of which attempt.
        source: Source,
        /// The request, in short.
        exchange: Exchange,
    },
    /// An event stream, when it is over.
    Streamed {
        /// Of which attempt.
        source: Source,
        /// The stream, in short.
        stream: StreamSummary,
    },
    /// A request of an attempt that went bad, told again with what was sent and what came. Comes after the attempt's other evidence:
    /// the last requests of it, and the last ones that went wrong.
    ExchangeRecalled {
        /// Of which attempt.
        source: Source,
        /// The request, with its detail.
        exchange: Exchange,
    },
    /// An event stream of an attempt that went bad, told again with its last events.
    StreamRecalled {
        /// Of which attempt.
        source: Source,
        /// The stream, with its last events.
        stream: StreamSummary,
    },
    /// What a service wrote while an attempt ran that went bad. Others may have had a share in it: cases run side by side.
    ServiceWrote {
        /// Of which attempt.
        source: Source,
        /// The service.
        service: String,
        /// The last lines, the oldest first.
        lines: Vec<String>,
        /// How many earlier lines of that time were left out, as far as it is known.
        dropped_lines: u64,
    },
    /// Evidence that the case attached.
    Attached {
        /// Of which attempt.
        source: Source,
        /// The evidence.
        attachment: Attachment,
    },
    /// The plugin asked for something that it has no grant for, and did not get it. Its attempt is errored by that, whatever the plugin
    /// made of it. Logs of older hosts do not have it.
    Refused {
        /// Of which attempt.
        source: Source,
        /// What it was, why not, and what would grant it.
        refusal: Refusal,
    },
    /// A fault is active, seen from outside.
    FaultInjected {
        /// Of which attempt.
        source: Source,
        /// What was done to what.
        fault: Fault,
        /// From the beginning of its making to its confirmation.
        confirmed_after_ns: u64,
    },
    /// A fault is over. Told once all is known of it: after the first success that followed it, or at the end of its attempt.
    FaultHealed {
        /// Of which attempt.
        source: Source,
        /// Which fault, how long it was active and how what it met came back.
        healed: HealedFault,
    },
    /// A fault that is not active although it should be, or still is although it should not.
    FaultFailed {
        /// Of which attempt.
        source: Source,
        /// What was to be done to what.
        fault: Fault,
        /// What did not work.
        stage: FaultStage,
        /// Why, and what to do.
        message: String,
    },
    /// A load begins: its virtual users are ready.
    LoadStarted {
        /// Of which attempt.
        source: Source,
        /// What is to be made.
        load: LoadInfo,
    },
    /// A second of a load.
    LoadWent {
        /// Of which attempt.
        source: Source,
        /// Which load, from 1 in each attempt.
        load: u32,
        /// What came together.
        point: Point,
    },
    /// A load ended, or could not begin.
    LoadEnded {
        /// Of which attempt.
        source: Source,
        /// How.
        end: LoadEnd,
    },
    /// How each service is after an attempt that went bad, once its faults are healed. Logs of older hosts do not tell it.
    ServicesProbed {
        /// After which attempt.
        source: Source,
        /// In the order of their start.
        services: Vec<ServiceState>,
    },
    /// Whole distributions, so that runs can be compared by more than some percentiles: of a load before its end is told, of a suite's
    /// own figures before the suite's end is. Logs of older hosts do not have it.
    Measured {
        /// The suite.
        suite: String,
        /// Whose load it was; none for the suite's own figures.
        source: Option<Source>,
        /// The scenario of the load; none for the suite's own figures.
        scenario: Option<String>,
        /// Each metric in each phase in which it was measured.
        distributions: Vec<EncodedHistogram>,
    },
    /// An attempt, a setup or a teardown ended.
    AttemptFinished {
        /// Which.
        source: Source,
        /// How.
        outcome: Outcome,
        /// Wall-clock time, instance included.
        duration_ns: u64,
        /// What was counted on the way.
        counts: AttemptCounts,
    },
    /// A case has its verdict. Comes for every planned case, also for those that never started.
    CaseFinished {
        /// The suite.
        suite: String,
        /// The case.
        case: String,
        /// The verdict over all attempts, with the reason of the last attempt that was not good.
        outcome: Outcome,
        /// How many attempts were made; 0 if none.
        attempts: u32,
        /// All attempts together.
        duration_ns: u64,
    },
    /// All cases of a suite have their verdicts, and the teardown is done.
    SuiteFinished {
        /// The suite.
        suite: String,
        /// The gravest of its cases.
        verdict: Verdict,
        /// From its first event to this one.
        duration_ns: u64,
        /// The suite's own figures.
        metrics: Vec<MetricSnapshot>,
        /// What would grant all that it was refused; none if no grant would, or nothing was refused. Logs of older hosts do not have it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        proposal: Option<Proposal>,
    },
    /// Something of the environment could not be taken down, or not be left as it was found. Comes after all cases; the run cannot be
    /// good any more.
    EnvironmentLeft {
        /// What, and what to do.
        message: String,
    },
    /// Something of the environment is the engine's to free and nobody else's: it holds nothing, and is no failure of the run. Comes after
    /// all cases.
    EnvironmentAbandoned {
        /// What, and what to do.
        message: String,
    },
    /// The run was compared with former ones, because `[history] fail-on-regression` asks for it. Comes after all cases; a regression fails
    /// the run.
    Compared(RegressionCheck),
    /// A shard of a merged run is missing, or its log ends before its run did. Comes after all cases; the run cannot be good any more.
    ShardLost {
        /// Which.
        shard: Shard,
        /// What is missing, and what to do.
        message: String,
    },
    /// Somebody asked the run to stop.
    Interrupted {
        /// `Ctrl-C`, `SIGTERM`, `--fail-fast`.
        reason: String,
    },
    /// The last event of each run.
    RunFinished {
        /// The gravest of all cases; at least `errored` if the environment broke.
        verdict: Verdict,
        /// How many of each.
        stats: RunStats,
        /// From the start of the run.
        duration_ns: u64,
        /// What the process ends with.
        exit_code: u8,
    },
}
