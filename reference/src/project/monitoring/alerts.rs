//! The alerts that are active: raised once while their condition holds, resolved when it is gone or by request.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::model::{Alert, RuleId};
use super::rules::Condition;
use crate::clock;
use crate::defects::{Defect, Defects};
use crate::words::Word;

/// A rule and the project that it is about.
type Key = (RuleId, Option<String>);

/// What an evaluation changed.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes {
    pub(super) raised: Vec<Alert>,
    pub(super) resolved: Vec<Alert>,
}

/// The active alerts.
#[derive(Debug, Default)]
pub(super) struct Book {
    active: BTreeMap<Key, Alert>,
    /// Resolved by request while their condition held.
    silenced: BTreeSet<Key>,
}

impl Book {
    /// Raises and resolves what the conditions that hold now ask for.
    pub(super) fn update(&mut self, holding: Vec<Condition>) -> Changes {
        let now = clock::rfc3339(clock::now_ms());
        let keys: BTreeSet<Key> = holding.iter().map(key).collect();
        let mut changes = Changes::default();
        self.silenced.retain(|key| keys.contains(key));
        let gone: Vec<Key> = self
            .active
            .keys()
            .filter(|key| !keys.contains(*key))
            .cloned()
            .collect();
        for mut alert in gone.iter().filter_map(|key| self.active.remove(key)) {
            alert.resolved_at = Some(now.clone());
            changes.resolved.push(alert);
        }
        for condition in holding {
            let key = key(&condition);
            if self.active.contains_key(&key) || self.silenced.contains(&key) {
                continue;
            }
            let alert = raise(condition, now.clone());
            changes.raised.push(alert.clone());
            self.active.insert(key, alert);
        }
        changes
    }

    /// Resolves an alert by its id; none if no active one has it. D18 knows them by another name than it lists.
    pub(super) fn resolve(&mut self, id: &str, defects: Defects) -> Option<Alert> {
        let by_key = defects.has(Defect::AlertsResolvedByKey);
        let (key, _) = self.active.iter().find(|(key, alert)| {
            if by_key {
                name(key) == id
            } else {
                alert.alert_id == id
            }
        })?;
        let key = key.clone();
        let mut alert = self.active.remove(&key)?;
        alert.resolved_at = Some(clock::rfc3339(clock::now_ms()));
        self.silenced.insert(key);
        Some(alert)
    }

    /// All active ones, oldest first.
    pub(super) fn active(&self) -> Vec<Alert> {
        let mut alerts: Vec<Alert> = self.active.values().cloned().collect();
        alerts.sort_by(|left, right| left.raised_at.cmp(&right.raised_at));
        alerts
    }

    /// How many alerts each rule has.
    pub(super) fn counts(&self) -> impl Iterator<Item = (RuleId, usize)> {
        RuleId::ALL.iter().map(|rule| {
            let of_rule = self.active.keys().filter(|(other, _)| other == rule);
            (*rule, of_rule.count())
        })
    }
}

fn key(condition: &Condition) -> Key {
    (condition.rule, condition.project_id.clone())
}

/// `<rule>_<project>`, as D18 calls them.
fn name((rule, project_id): &Key) -> String {
    let project = project_id.as_deref().unwrap_or("global");
    format!("{}_{project}", rule.word())
}

fn raise(condition: Condition, now: String) -> Alert {
    Alert {
        alert_id: format!("alert_{}", Uuid::new_v4()),
        rule_id: condition.rule,
        severity: condition.rule.severity(),
        title: condition.rule.title().to_owned(),
        description: condition.description,
        project_id: condition.project_id,
        value: condition.value,
        threshold: condition.threshold,
        raised_at: now,
        resolved_at: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holding(rule: RuleId, project: Option<&str>) -> Condition {
        Condition {
            rule,
            project_id: project.map(str::to_owned),
            value: 2.0,
            threshold: 1.0,
            description: String::new(),
        }
    }

    fn slow() -> Condition {
        holding(RuleId::CreationLatency, None)
    }

    #[test]
    fn an_alert_is_raised_once_while_its_condition_holds() {
        let mut book = Book::default();
        let raised = book.update(vec![slow()]).raised;
        assert_eq!(raised.len(), 1);
        for _ in 0..3 {
            let changes = book.update(vec![slow()]);
            assert!(changes.raised.is_empty() && changes.resolved.is_empty());
        }
        assert_eq!(book.active(), raised);
    }

    #[test]
    fn it_is_resolved_when_the_condition_is_gone_and_a_new_one_when_it_comes_again() {
        let mut book = Book::default();
        let first = book.update(vec![slow()]).raised.remove(0);
        let resolved = book.update(Vec::new()).resolved.remove(0);
        assert_eq!(resolved.alert_id, first.alert_id);
        assert!(resolved.resolved_at.is_some() && book.active().is_empty());
        let second = book.update(vec![slow()]).raised.remove(0);
        assert_ne!(second.alert_id, first.alert_id);
    }

    #[test]
    fn projects_and_rules_have_alerts_of_their_own() {
        let mut book = Book::default();
        book.update(vec![
            holding(RuleId::Integrity, Some("a")),
            holding(RuleId::Integrity, Some("b")),
            slow(),
        ]);
        let counts: Vec<_> = book.counts().map(|(_, count)| count).collect();
        assert_eq!(counts, [0, 1, 0, 2]);
        let resolved = book.update(vec![holding(RuleId::Integrity, Some("b")), slow()]);
        assert_eq!(resolved.resolved[0].project_id.as_deref(), Some("a"));
    }

    #[test]
    fn one_resolved_by_request_comes_again_only_after_its_condition_was_gone() {
        let mut book = Book::default();
        let id = book.update(vec![slow()]).raised.remove(0).alert_id;
        assert!(book.resolve(&id, Defects::default()).is_some());
        assert!(book.resolve(&id, Defects::default()).is_none());
        assert!(book.update(vec![slow()]).raised.is_empty());
        book.update(Vec::new());
        assert_eq!(book.update(vec![slow()]).raised.len(), 1);
    }

    #[test]
    fn d18_knows_an_alert_by_another_name_than_it_lists() {
        let defects: Defects = "D18".parse().unwrap();
        let mut book = Book::default();
        let id = book.update(vec![slow()]).raised.remove(0).alert_id;
        assert!(book.resolve(&id, defects).is_none());
        assert!(
            book.resolve("episode-creation-latency_global", defects)
                .is_some()
        );
    }
}
