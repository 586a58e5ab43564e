//! Join tokens: made, spent, revoked.

use hm_model::TokenId;

use super::{Outcome, Step, not_found};
use crate::change::Change;
use crate::object::{JoinTokenRecord, Key, Kind};
use crate::reply::Refused;
use crate::state::State;

impl State {
    pub(super) fn create_token(&mut self, token: &JoinTokenRecord, step: &mut Step<'_>) -> Outcome {
        step.check_generation(Kind::Token, &token.id, self.tokens.get(&token.id))?;
        if self.tokens.contains(&token.id) {
            return Err(Refused::Exists {
                kind: Kind::Token,
                name: token.id.to_string(),
            });
        }
        self.drop_dead_tokens(step);
        let generation = self.tokens.put(token.id, token.clone(), step.now);
        step.changed(Change::of(Key::Token(token.id)));
        Ok(Some(generation))
    }

    pub(super) fn delete_token(&mut self, id: &TokenId, step: &mut Step<'_>) -> Outcome {
        if !self.tokens.contains(id) {
            return Err(not_found(Kind::Token, id));
        }
        step.check_generation(Kind::Token, id, self.tokens.get(id))?;
        self.tokens.remove(id);
        step.changed(Change::of(Key::Token(*id)));
        Ok(None)
    }

    /// Takes one use of a token, or says why it cannot.
    pub(super) fn spend_token(&mut self, id: &TokenId, step: &mut Step<'_>) -> Result<(), Refused> {
        let refused = |reason: &str| {
            Err(Refused::Token {
                reason: reason.to_owned(),
            })
        };
        let Some(token) = self.tokens.value(id) else {
            return refused("it is unknown or was revoked");
        };
        if token.expires_at <= step.now.time {
            return refused("it has expired");
        }
        if token.uses_left == Some(0) {
            return refused("it was used as often as it may be");
        }
        if token.uses_left.is_some() {
            self.tokens.note(id, step.now, |token| {
                token.uses_left = token.uses_left.map(|left| left.saturating_sub(1))
            });
            step.changed(Change::of(Key::Token(*id)));
        }
        Ok(())
    }

    /// Tokens that can never be used again go when the next one comes: no timer, and the table stays small.
    fn drop_dead_tokens(&mut self, step: &mut Step<'_>) {
        let dead: Vec<TokenId> = self
            .tokens
            .values()
            .filter(|token| token.expires_at <= step.now.time || token.uses_left == Some(0))
            .map(|token| token.id)
            .collect();
        for id in dead {
            self.tokens.remove(&id);
            step.changed(Change::of(Key::Token(id)));
        }
    }
}
