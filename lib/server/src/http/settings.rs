//! Settings.

use hm_api::list::{List, PageQuery};
use hm_api::setting::{Setting, SettingSet, SettingSource, SettingUnsetQuery, SettingValue};
use hm_api::{ErrorCode, Problem};
use hm_model::{SettingKey, SettingValue as ModelValue};
use hm_state::{Entry, State};

use super::answer::Reply;
use super::call::{Call, propose};
use super::page::Page;
use super::place::Server;

pub(super) fn list(state: &State, call: &Call) -> Result<Reply, Problem> {
    let query: PageQuery = call.query()?;
    let page: Page<SettingKey> = Page::asked(query.limit, query.next.as_deref())?;
    let keys = SettingKey::ALL
        .iter()
        .copied()
        .filter(|key| page.after.is_none_or(|after| *key > after));
    let list: List<Setting> = page.of(keys.map(|key| (key, setting(state, key))), state.revision());
    Reply::json(&list)
}

pub(super) fn show(state: &State, call: &Call) -> Result<Reply, Problem> {
    Reply::json(&setting(state, find(call)?))
}

pub(super) async fn set(server: &dyn Server, call: &Call) -> Result<Reply, Problem> {
    let key = find(call)?;
    let wanted: SettingSet = call.body()?;
    let value = key
        .parse(&wanted.value.to_string())
        .map_err(|error| Problem::new(ErrorCode::Invalid, error.to_string()))?;
    let mut proposal = call.proposal(Entry::SetSetting {
        key,
        value: value.to_string(),
    });
    proposal.expected_generation = wanted.expected_generation;
    propose(server, proposal).await?;
    Reply::json(&setting(&server.store().state(), key))
}

pub(super) async fn unset(server: &dyn Server, call: &Call) -> Result<Reply, Problem> {
    let key = find(call)?;
    let query: SettingUnsetQuery = call.query()?;
    let mut proposal = call.proposal(Entry::UnsetSetting(key));
    proposal.expected_generation = query.expected_generation;
    propose(server, proposal).await?;
    Reply::json(&setting(&server.store().state(), key))
}

fn find(call: &Call) -> Result<SettingKey, Problem> {
    SettingKey::find(call.name()).map_err(|error| {
        Problem::new(ErrorCode::NotFound, error.to_string())
            .with_hint("`hivemind admin config ls` shows all settings")
    })
}

/// A setting as people see it: what holds, and where that comes from.
pub(super) fn setting(state: &State, key: SettingKey) -> Setting {
    let info = key.info();
    let record = state.settings().get(&key);
    Setting {
        key: key.to_string(),
        value: shown(state.all_settings().get(key)),
        default: shown(info.default),
        unit: Some(info.unit)
            .filter(|unit| !unit.is_empty())
            .map(str::to_owned),
        description: info.description.to_owned(),
        source: if record.is_some() {
            SettingSource::Set
        } else {
            SettingSource::Default
        },
        generation: record.map_or(0, |record| record.generation),
    }
}

fn shown(value: ModelValue) -> SettingValue {
    let text = value.to_string();
    match value {
        ModelValue::Number(number) => {
            i64::try_from(number).map_or(SettingValue::Text(text), SettingValue::Integer)
        }
        ModelValue::Ratio(_) => text
            .parse()
            .map_or(SettingValue::Text(text), SettingValue::Number),
        ModelValue::Strategy(_) => SettingValue::Text(text),
    }
}
