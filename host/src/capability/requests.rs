//! The requests of an attempt while they are under way, for those who watch them: a fault counts the ones that it meets, and
//! measures the time to the first one that succeeds after it.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use reqwest::Url;
use tokio::time::Instant;

/// Sees requests begin and be answered. It is called while nothing else can be: it must be quick.
pub trait Watcher: fmt::Debug + Send + Sync {
    /// A request begins, or is under way when the watching begins.
    fn began(&self, url: &Url);
    /// A request is answered: the answer is complete, or the stream that it asked for is open.
    fn answered(&self, url: &Url, status: u16, began: Instant, ended: Instant);
}

/// The requests of one attempt. Cheap to clone: all clones see the same.
#[derive(Clone, Debug, Default)]
pub struct Requests {
    log: Arc<Mutex<Log>>,
}

#[derive(Debug, Default)]
struct Log {
    next: u64,
    under_way: BTreeMap<u64, Arc<Url>>,
    watchers: Vec<Weak<dyn Watcher>>,
}

/// A request or a stream that is under way, until it is dropped.
#[derive(Debug)]
pub(crate) struct UnderWay {
    requests: Requests,
    number: u64,
    url: Arc<Url>,
    began: Instant,
}

impl Requests {
    /// Lets a watcher see all that is under way now and all that begins from now on, for as long as it lives.
    pub fn watch(&self, watcher: &Arc<dyn Watcher>) {
        let mut log = self.lock();
        for url in log.under_way.values() {
            watcher.began(url);
        }
        log.watchers.retain(|known| known.strong_count() > 0);
        log.watchers.push(Arc::downgrade(watcher));
    }

    /// A request begins.
    pub(crate) fn begin(&self, url: &Url) -> UnderWay {
        let url = Arc::new(url.clone());
        let mut log = self.lock();
        let number = log.next;
        log.next += 1;
        log.under_way.insert(number, Arc::clone(&url));
        log.each(|watcher| watcher.began(&url));
        drop(log);
        UnderWay {
            requests: self.clone(),
            number,
            url,
            began: Instant::now(),
        }
    }

    /// What a panicking watcher would leave is still a list of requests.
    fn lock(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log {
    fn each(&self, tell: impl Fn(&dyn Watcher)) {
        for watcher in self.watchers.iter().filter_map(Weak::upgrade) {
            tell(&*watcher);
        }
    }
}

impl UnderWay {
    /// It has its answer.
    pub(crate) fn answered(&self, status: u16) {
        let ended = Instant::now();
        let log = self.requests.lock();
        log.each(|watcher| watcher.answered(&self.url, status, self.began, ended));
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.requests.lock().under_way.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default)]
    struct Seen(Mutex<Vec<String>>);

    impl Watcher for Seen {
        fn began(&self, url: &Url) {
            self.0.lock().unwrap().push(format!("began {}", url.path()));
        }

        fn answered(&self, url: &Url, status: u16, began: Instant, ended: Instant) {
            assert!(began <= ended);
            let text = format!("{status} {}", url.path());
            self.0.lock().unwrap().push(text);
        }
    }

    #[test]
    fn a_watcher_sees_what_is_under_way_and_what_comes_for_as_long_as_it_lives() {
        let requests = Requests::default();
        let url = |path: &str| Url::parse(&format!("http://a/{path}")).unwrap();
        let open = requests.begin(&url("open"));
        drop(requests.begin(&url("over")));
        let seen = Arc::new(Seen::default());
        let watcher: Arc<dyn Watcher> = seen.clone();
        requests.watch(&watcher);
        requests.begin(&url("new")).answered(204);
        open.answered(200);
        drop(open);
        let expected = ["began /open", "began /new", "204 /new", "200 /open"];
        assert_eq!(*seen.0.lock().unwrap(), expected);
        drop((watcher, seen));
        requests.begin(&url("unseen")).answered(200);
        assert!(requests.lock().under_way.is_empty());
    }
}
