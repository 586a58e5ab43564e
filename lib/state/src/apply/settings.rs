//! Settings: `hivemind admin config set` and `unset`.

use hm_model::{SettingError, SettingKey};

use super::{Outcome, Step};
use crate::change::Change;
use crate::object::{Key, Kind};
use crate::reply::Refused;
use crate::state::State;

impl State {
    pub(super) fn set_setting(
        &mut self,
        key: &SettingKey,
        value: &str,
        step: &mut Step<'_>,
    ) -> Outcome {
        step.check_generation(Kind::Setting, key, self.settings.get(key))?;
        let value = key.parse(value).map_err(refused)?;
        self.all_settings().set(*key, value).map_err(refused)?;
        let generation = self.settings.put(*key, value.to_string(), step.now);
        step.changed(Change::of(Key::Setting(*key)));
        Ok(Some(generation))
    }

    pub(super) fn unset_setting(&mut self, key: &SettingKey, step: &mut Step<'_>) -> Outcome {
        step.check_generation(Kind::Setting, key, self.settings.get(key))?;
        self.all_settings().unset(*key).map_err(refused)?;
        if self.settings.remove(key).is_some() {
            step.changed(Change::of(Key::Setting(*key)));
        }
        Ok(None)
    }
}

fn refused(error: SettingError) -> Refused {
    Refused::Invalid {
        reason: error.to_string(),
    }
}
