//! The texts of what takes part in a run.

use super::{Texts, Visit, names, texts};
use crate::event::{
    Agent, CaseInfo, LinkInfo, MergedShard, PluginInfo, RunInfo, ServiceInfo, ServiceState,
    ShardInfo,
};

impl Texts for RunInfo {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            schema: _,
            run_id,
            started_at,
            host_version,
            contract,
            environment,
            profile,
            seed: _,
            jobs: _,
            plugins,
            provenance,
            shard,
            merged,
            agents,
        } = self;
        names(visit, [run_id, started_at, host_version, contract]);
        names(visit, [environment, profile]);
        plugins.texts(visit);
        provenance.texts(visit);
        shard.texts(visit);
        merged.texts(visit);
        agents.texts(visit);
    }
}

impl Texts for Agent {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            name,
            version,
            slots: _,
            processors: _,
        } = self;
        names(visit, [name, version]);
    }
}

impl Texts for MergedShard {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            shard: _,
            run_id,
            started_after_ns: _,
            seed: _,
            jobs: _,
        } = self;
        visit.name(run_id);
    }
}

impl Texts for ShardInfo {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            shard: _,
            plan_cases: _,
            plan_digest,
        } = self;
        visit.name(plan_digest);
    }
}

impl Texts for PluginInfo {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            file,
            digest,
            size: _,
            suite,
            version,
            summary,
            cases,
            baselines,
        } = self;
        visit.identity(suite);
        names(visit, [file, digest, version]);
        visit.text(summary);
        cases.texts(visit);
        baselines.texts(visit);
    }
}

impl Texts for CaseInfo {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            name,
            summary,
            tags,
            location,
        } = self;
        visit.identity(name);
        visit.text(summary);
        names(visit, tags);
        texts(visit, location);
    }
}

impl Texts for ServiceInfo {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            name,
            url,
            managed: _,
            ready_after_ns: _,
            links,
        } = self;
        visit.identity(name);
        visit.text(url);
        links.texts(visit);
    }
}

impl Texts for ServiceState {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            service,
            status: _,
            problem,
            disturbed: _,
        } = self;
        visit.identity(service);
        texts(visit, problem);
    }
}

impl Texts for LinkInfo {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self { from, url } = self;
        visit.identity(from);
        visit.text(url);
    }
}
