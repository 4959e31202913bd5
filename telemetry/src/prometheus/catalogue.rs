//! Every metric of this crate: what it is called, and what it says. Names are a promise to those who look at them: they are only added.

use super::metric::{Kind, Metric};

macro_rules! metrics {
    ($($constant:ident: $kind:ident $name:literal, $help:literal;)*) => {
        $(pub(crate) static $constant: Metric = Metric::new(Kind::$kind, $name, $help);)*
    };
}

// The run and its cases.
metrics! {
    RUN_INFO: Info "assay_run_info", "The run: its id, environment, profile, and the version of the host.";
    RUN_START: Gauge "assay_run_start_time_seconds", "When the run began, since the Unix epoch.";
    RUN_DURATION: Gauge "assay_run_duration_seconds", "How long the run has taken, until its last event.";
    RUN_FINISHED: Gauge "assay_run_finished", "1 when the run is over, 0 while it goes on.";
    RUN_RESULT: Gauge "assay_run_result", "1, with the verdict of the run, when it is over.";
    RUN_EXIT_CODE: Gauge "assay_run_exit_code", "What the process ends with, when the run is over.";
    INTERRUPTIONS: Counter "assay_run_interruptions_total", "How often the run was asked to stop.";
    CASES_PLANNED: Gauge "assay_cases_planned", "Cases that are to run.";
    CASES_RUNNING: Gauge "assay_cases_running", "Cases that run now.";
    CASES: Counter "assay_cases_total", "Cases that have their verdict.";
    CASE_DURATION: Histogram "assay_case_duration_seconds", "How long cases took, all attempts together.";
    CASE_LAST_DURATION: Gauge "assay_case_last_duration_seconds", "How long each case took, all attempts together.";
    CASE_RESULT: Gauge "assay_case_result", "1, with the verdict of each case that has one.";
    ATTEMPTS: Counter "assay_attempts_total", "Attempts of cases, setups and teardowns that ended.";
    RETRIES: Counter "assay_retries_total", "Attempts of cases that were not their first.";
    CHECKS: Counter "assay_checks_total", "Checks of attempts that ended.";
    SUITE_DURATION: Gauge "assay_suite_duration_seconds", "How long each suite took.";
    LOG_LINES: Counter "assay_log_lines_total", "Lines of the logs of attempts.";
    REFUSALS: Counter "assay_refusals_total", "How often a suite was refused something that it has no grant for.";
}

// Requests and event streams of cases. Those of load are the load's.
metrics! {
    HTTP_REQUESTS: Counter "assay_http_requests_total", "Requests of cases, by how they ended.";
    HTTP_DURATION: Histogram "assay_http_request_duration_seconds", "How long requests of cases took in all.";
    HTTP_FIRST_BYTE: Histogram "assay_http_first_byte_seconds", "From a request of a case to the first byte of its answer.";
    HTTP_CONNECT: Histogram "assay_http_connect_duration_seconds", "How long new connections took for requests of cases.";
    HTTP_SENT: Counter "assay_http_sent_bytes_total", "Bytes of bodies of requests of cases.";
    HTTP_RECEIVED: Counter "assay_http_received_bytes_total", "Bytes of bodies of answers to cases.";
    SSE_STREAMS: Counter "assay_sse_streams_total", "Event streams of cases that are over, by who ended them.";
    SSE_EVENTS: Counter "assay_sse_events_total", "Events of streams of cases.";
    SSE_RECONNECTS: Counter "assay_sse_reconnects_total", "How often streams of cases were opened again.";
    SSE_FIRST_EVENT: Histogram "assay_sse_first_event_seconds", "From asking for a stream to its first event.";
    SSE_LONGEST_GAP: Histogram "assay_sse_longest_gap_seconds", "The longest time between two events of each stream.";
}

// Faults, services and the environment.
metrics! {
    FAULTS_INJECTED: Counter "assay_faults_injected_total", "Faults that were made and seen from outside.";
    FAULTS_ACTIVE: Gauge "assay_faults_active", "Faults that are active now.";
    FAULTS_HEALED: Counter "assay_faults_healed_total", "Faults that are over.";
    FAULTS_FAILED: Counter "assay_faults_failed_total", "Faults that could not be made or healed.";
    FAULT_DURATION: Histogram "assay_fault_duration_seconds", "How long faults were active.";
    FAULT_RECOVERY: Histogram "assay_fault_recovery_seconds", "From the heal of a fault to the first healthy answer.";
    FAULT_FIRST_SUCCESS: Histogram "assay_fault_first_success_seconds", "From the heal of a fault to the first success of its case.";
    FAULT_LAST_RECOVERY: Gauge "assay_fault_last_recovery_seconds", "From the last heal of each fault to the first healthy answer.";
    ENVIRONMENT_READY: Gauge "assay_environment_ready_seconds", "How long the environment took to be ready.";
    ENVIRONMENT_PROBLEMS: Counter "assay_environment_problems_total", "What was wrong with the environment.";
    SERVICE_UP: Gauge "assay_service_up", "1 if the service ran and was ready when it was last looked at, 0 if not.";
    SERVICE_STATE: Gauge "assay_service_state", "1 for the state in which the service was found last, 0 for the others.";
    SERVICE_READY: Gauge "assay_service_ready_seconds", "How long the service took to be ready.";
    SERVICE_DEATHS: Counter "assay_service_deaths_total", "How often the service was found down without a fault.";
}

// Loads.
metrics! {
    LOADS_RUNNING: Gauge "assay_loads_running", "Loads that run now.";
    LOAD_VUS: Gauge "assay_load_virtual_users", "Virtual users in the load, or busy ones in open models.";
    LOAD_OPEN_STREAMS: Gauge "assay_load_open_streams", "Event streams of the load that are open.";
    LOAD_ITERATIONS: Counter "assay_load_iterations_total", "Iterations that ended.";
    LOAD_REQUESTS: Counter "assay_load_requests_total", "Requests of the load that ended.";
    LOAD_EVENTS: Counter "assay_load_stream_events_total", "Events of streams of the load.";
    LOAD_ITERATION_RATE: Gauge "assay_load_iterations_per_second", "Iterations that ended, a second, in the last second.";
    LOAD_ITERATION_PERCENTILE: Gauge "assay_load_iteration_percentile_seconds", "How long successful iterations of the last second took; NaN where there was none.";
    LOAD_REQUEST_PERCENTILE: Gauge "assay_load_request_percentile_seconds", "How long successful requests of the last second took; NaN where there was none.";
    LOAD_ITERATION_DURATION: Histogram "assay_load_iteration_duration_seconds", "How long successful iterations of loads that are over took.";
    LOAD_REQUEST_DURATION: Histogram "assay_load_request_duration_seconds", "How long successful requests of loads that are over took.";
    LOAD_STREAM_WAIT: Histogram "assay_load_stream_wait_seconds", "How long streams of loads that are over took to be opened, to their first event, and between events.";
    LOAD_INTENDED_RATE: Gauge "assay_load_intended_iterations_per_second", "The mean of the rate that a load was to have, in open models.";
    LOAD_ACHIEVED_RATE: Gauge "assay_load_achieved_iterations_per_second", "The rate that a load had, over all of its time.";
    LOAD_DROPPED: Counter "assay_load_dropped_iterations_total", "Iterations that found no free virtual user in time.";
    LOAD_INTERRUPTED: Counter "assay_load_interrupted_iterations_total", "Iterations that had not ended after the grace.";
    LOAD_CHECKS: Counter "assay_load_checks_total", "Checks of virtual users of loads that are over.";
    LOAD_FAILURES: Counter "assay_load_failures_total", "Iterations of loads that are over that failed, by why.";
    LOADS_BROKEN: Counter "assay_loads_broken_total", "Loads that ended without an outcome.";
    LOAD_BUSIEST: Gauge "assay_load_generator_busy_ratio", "The share of a core that the busiest thread of the load used.";
    LOAD_SATURATED: Gauge "assay_load_generator_saturated", "1 if the machine that made the load was its limit.";
}

// Levels of quality and the comparison with former runs. Baselines have one family for each unit.
metrics! {
    BASELINE_GRADE: Gauge "assay_baseline_grade", "1 for how the figure stood when it was judged last, 0 for the others.";
    BASELINE_JUDGEMENTS: Counter "assay_baseline_judgements_total", "How often a figure was judged.";
    REGRESSIONS: Gauge "assay_regressions", "Percentiles that are greater than in former runs, beyond their bounds.";
    REGRESSIONS_JUDGED: Gauge "assay_regressions_judged", "Percentiles that were compared with former runs.";
    REGRESSION_CHANGE: Gauge "assay_regression_change_ratio", "By how much a percentile beyond its bound is more than it was.";
}

// The process itself, by the names that every process has in Prometheus.
metrics! {
    PROCESS_CPU: Counter "process_cpu_seconds_total", "Total user and system CPU time spent in seconds.";
    PROCESS_RESIDENT: Gauge "process_resident_memory_bytes", "Resident memory size in bytes.";
    PROCESS_VIRTUAL: Gauge "process_virtual_memory_bytes", "Virtual memory size in bytes.";
    PROCESS_THREADS: Gauge "process_threads", "Number of OS threads in the process.";
    PROCESS_FILES: Gauge "process_open_fds", "Number of open file descriptors.";
}

// These figures themselves.
metrics! {
    SERIES_LEFT_OUT: Counter "assay_series_left_out_total", "How often something went to the series of others, or nowhere, because its metric has too many series.";
    REMOTE_WRITE_REQUESTS: Counter "assay_remote_write_requests_total", "Requests of the remote write, by what became of them.";
}
