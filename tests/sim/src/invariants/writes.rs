//! What was acknowledged is there: never lost, never done twice, never undone by a late copy of an earlier write.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hm_model::{Namespace, SettingKey};
use hm_state::State;

use crate::cluster::Cluster;

/// What clients were told.
#[derive(Clone, Default)]
pub(crate) struct Writes(Arc<Mutex<Told>>);

#[derive(Default)]
struct Told {
    /// In the order of the acknowledgements.
    created: Vec<(Namespace, u64)>,
    settings: BTreeMap<SettingKey, Setting>,
}

/// Each setting has one writer, which begins a write only when the one before was answered.
#[derive(Clone, Debug, Default)]
struct Setting {
    acknowledged: Option<String>,
    under_way: Option<String>,
}

/// How much was acknowledged at some moment.
#[derive(Clone, Copy)]
pub(crate) struct Mark(usize);

impl Writes {
    pub(crate) fn created(&self, name: Namespace, revision: u64) {
        self.told().created.push((name, revision));
    }

    pub(crate) fn setting_begins(&self, key: SettingKey, value: &str) {
        self.told().settings.entry(key).or_default().under_way = Some(value.to_owned());
    }

    pub(crate) fn setting_is_done(&self, key: SettingKey) {
        let mut told = self.told();
        let setting = told.settings.entry(key).or_default();
        setting.acknowledged = setting.under_way.take();
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark(self.told().created.len())
    }

    /// The first write up to the mark that this state lacks.
    pub(crate) fn missing(&self, state: &State, upto: Mark) -> Option<String> {
        let told = self.told();
        told.created[..upto.0]
            .iter()
            .find(|(name, _)| !state.namespaces().contains(name))
            .map(|(name, revision)| format!("{name}, acknowledged at revision {revision}"))
    }

    /// The first setting that is neither as acknowledged last nor as asked for since.
    fn wrong_setting(&self, state: &State) -> Option<String> {
        let told = self.told();
        told.settings.iter().find_map(|(key, setting)| {
            let found = state.settings().value(key).cloned();
            let expected = found == setting.acknowledged
                || setting.under_way.is_some() && found == setting.under_way;
            (!expected).then(|| format!("{key} is {found:?} after {setting:?}"))
        })
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn at_the_end(cluster: &Cluster) {
    let writes = &cluster.invariants().writes;
    for core in cluster.cores() {
        let state = core.store().state();
        if let Some(lost) = writes.missing(&state, writes.mark()) {
            cluster
                .trace()
                .violated(format_args!("{lost}, is lost on {}", core.id()));
        }
        if let Some(wrong) = writes.wrong_setting(&state) {
            cluster
                .trace()
                .violated(format_args!("on {} the setting {wrong}", core.id()));
        }
    }
}
