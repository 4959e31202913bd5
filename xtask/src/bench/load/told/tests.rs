//! Short samples of what the programs print: wrk 4.1, oha 1.16, hey 0.1.4, k9-load 0.1, locust 2.47.

use super::*;

fn told(requests: u64, failed: u64, per_second: f64, p50: f64, p99: f64) -> Told {
    Told {
        requests,
        failed,
        per_second,
        p50,
        p99,
    }
}

#[test]
fn the_outcome_of_a_load_is_read_from_the_report() {
    let outcome = serde_json::json!({
        "elapsed_ns": 2_000_000_000_u64, "iterations": 103, "failed": 3,
        "requests": [{"name": "get", "latency": {
            "succeeded": {"count": 100, "p50": 1_500, "p99": 2_500}, "failed": {"count": 2},
        }}],
    });
    assert_eq!(host(&outcome), Some(told(100, 3, 50.0, 1.5, 2.5)));
    assert_eq!(host(&serde_json::json!({"requests": []})), None);
}

#[test]
fn the_native_client_is_read() {
    let line = "{\"requests\":150,\"seconds\":3.0,\"p50_ns\":700,\"p99_ns\":900}\n";
    assert_eq!(native(line), Some(told(150, 0, 50.0, 0.7, 0.9)));
    assert_eq!(native("thread 'main' panicked"), None);
}

const WRK: &str = "Running 2s test @ http://127.0.0.1:18999/
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     2.72ms    3.90ms  32.63ms   87.03%
    Req/Sec    37.46k    17.31k   60.80k    60.00%
  Latency Distribution
     50%  880.00us
     75%    3.26ms
     90%    7.74ms
     99%   18.38ms
  75408 requests in 2.06s, 3.74MB read
Requests/sec:  36688.36
Transfer/sec:      1.82MB
";

#[test]
fn wrk_is_read() {
    assert_eq!(wrk(WRK), Some(told(75_408, 0, 36_688.36, 880.0, 18_380.0)));
    assert_eq!(
        wrk("unable to connect to 127.0.0.1:1 Connection refused"),
        None
    );
}

#[test]
fn errors_that_wrk_tells_are_failures() {
    let text = WRK.replace(
        "Requests/sec:",
        "  Socket errors: connect 1, read 2, write 0, timeout 4\n  Non-2xx or 3xx responses: 8\nRequests/sec:",
    );
    let wrk = wrk(&text).unwrap();
    assert_eq!((wrk.requests, wrk.failed), (75_400, 15));
}

#[test]
fn oha_is_read_with_what_it_calls_errors() {
    let text = r#"{"summary":{"successRate":1.0,"total":2.0,"requestsPerSec":60.0},
        "latencyPercentiles":{"p50":0.0007,"p99":0.002},
        "statusCodeDistribution":{"200":100,"503":20},"errorDistribution":{"aborted due to deadline":3}}"#;
    assert_eq!(oha(text), Some(told(100, 23, 50.0, 700.0, 2_000.0)));
}

#[test]
fn hey_is_read_with_what_it_calls_errors() {
    let text = "
Summary:
  Total:	2.0000 secs
  Requests/sec:	22239.7804

Response time histogram:
  0.000 [1]	|
  0.004 [38330]	|■■■■

Latency distribution:
  50% in 0.0021 secs
  99% in 0.0172 secs

Status code distribution:
  [200]	45000 responses
  [503]	5 responses

Error distribution:
  [17]	Get \"http://127.0.0.1:1/\": dial tcp 127.0.0.1:1: connect: connection refused
";
    assert_eq!(
        hey(text),
        Some(told(45_000, 22, 22_500.0, 2_100.0, 17_200.0))
    );
}

#[test]
fn k9_is_read_and_counts_failures_as_passes_of_their_rate() {
    let text = r#"{"metrics":{
        "http_reqs":{"count":110.0,"rate":55.0},
        "http_req_failed":{"passes":10,"fails":100,"value":0.09},
        "http_req_duration":{"med":1.065,"p(99)":7.682,"count":110.0}}}"#;
    let read = k9(text).unwrap();
    assert_eq!((read.requests, read.failed), (100, 10));
    assert!((read.per_second - 50.0).abs() < 1e-9, "{read:?}");
    assert!((read.p50 - 1_065.0).abs() < 1e-6 && (read.p99 - 7_682.0).abs() < 1e-6);
}

#[test]
fn locust_is_read_and_its_quantiles_are_those_of_its_counts() {
    let text = r#"[{"name":"/","num_requests":100,"num_failures":10,
        "start_time":1795966538.0,"last_request_timestamp":1795966540.0,
        "response_times":{"7":49,"12":2,"5":48,"100":1}}]"#;
    assert_eq!(locust(text), Some(told(90, 10, 45.0, 7_000.0, 12_000.0)));
    assert_eq!(locust("[]"), None);
}
