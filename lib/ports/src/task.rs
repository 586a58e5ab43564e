//! Tasks that belong to a node: a simulated node is paused or crashes with everything it ever spawned.
//!
//! In production there is no scope and `spawn` is tokio's. Under simulation many nodes share one runtime; each runs in a
//! scope, and what it spawns, directly or through raft's runtime, inherits it.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::task::JoinHandle;

use crate::BoxFuture;

thread_local! {
    static CURRENT: RefCell<Option<Arc<Scope>>> = const { RefCell::new(None) };
}

/// Spawns a task in the scope of the one that spawns it.
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let scope = CURRENT.with_borrow(Clone::clone);
    match scope {
        Some(scope) => tokio::spawn(scope.enter(future)),
        None => tokio::spawn(future),
    }
}

/// For tasks that something else spawns, such as a `JoinSet`: they belong to the scope of whoever asks.
pub fn inherit<F>(future: F) -> BoxFuture<F::Output>
where
    F: Future + Send + 'static,
{
    match CURRENT.with_borrow(Clone::clone) {
        Some(scope) => Box::pin(scope.enter(future)),
        None => Box::pin(future),
    }
}

/// One life of a simulated node.
#[derive(Debug, Default)]
pub struct Scope {
    condition: Mutex<Condition>,
}

#[derive(Debug, Default)]
enum Condition {
    #[default]
    Running,
    /// Nothing is polled; who would have been is woken afterwards.
    Paused(Vec<Waker>),
    /// Nothing is ever polled again.
    Dead,
}

impl Scope {
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Runs a future, and what it spawns, as part of this scope.
    pub fn enter<F: Future>(self: &Arc<Self>, future: F) -> Scoped<F> {
        Scoped {
            scope: self.clone(),
            future: Some(Box::pin(future)),
        }
    }

    /// Stops everything where it is, as SIGSTOP does. Time goes on outside.
    pub fn pause(&self) {
        self.change(|condition| {
            if matches!(condition, Condition::Running) {
                *condition = Condition::Paused(Vec::new());
            }
        });
    }

    pub fn resume(&self) {
        let wakers = self.change(|condition| match std::mem::take(condition) {
            Condition::Paused(wakers) => wakers,
            Condition::Running => Vec::new(),
            Condition::Dead => {
                *condition = Condition::Dead;
                Vec::new()
            }
        });
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Ends everything where it is, as SIGKILL does.
    pub fn kill(&self) {
        self.change(|condition| *condition = Condition::Dead);
    }

    pub fn is_dead(&self) -> bool {
        self.change(|condition| matches!(condition, Condition::Dead))
    }

    fn change<R>(&self, change: impl FnOnce(&mut Condition) -> R) -> R {
        change(
            &mut self
                .condition
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    fn may_run(&self, context: &Context<'_>) -> Permission {
        self.change(|condition| match condition {
            Condition::Running => Permission::Run,
            Condition::Paused(wakers) => {
                wakers.push(context.waker().clone());
                Permission::Wait
            }
            Condition::Dead => Permission::End,
        })
    }
}

enum Permission {
    Run,
    Wait,
    End,
}

/// A future that runs only while its scope does.
#[derive(Debug)]
pub struct Scoped<F> {
    scope: Arc<Scope>,
    future: Option<Pin<Box<F>>>,
}

impl<F: Future> Future for Scoped<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.scope.may_run(context) {
            Permission::Wait => return Poll::Pending,
            Permission::End => {
                self.future = None;
                return Poll::Pending;
            }
            Permission::Run => {}
        }
        let scope = self.scope.clone();
        let Some(future) = self.future.as_mut() else {
            return Poll::Pending;
        };
        let outer = CURRENT.replace(Some(scope));
        let polled = future.as_mut().poll(context);
        CURRENT.set(outer);
        polled
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::sync::mpsc;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_a_scope_spawns_pauses_and_dies_with_it() {
        let scope = Scope::new();
        let (tell, mut told) = mpsc::unbounded_channel();
        let node = async move {
            spawn(async move {
                loop {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    tell.send(tokio::time::Instant::now()).unwrap();
                }
            });
        };
        tokio::spawn(scope.enter(node)).await.unwrap();
        told.recv().await.unwrap();

        scope.pause();
        tokio::time::sleep(Duration::from_secs(10)).await;
        assert!(told.try_recv().is_err(), "a paused scope does nothing");
        scope.resume();
        told.recv().await.unwrap();

        scope.kill();
        let silent = tokio::time::timeout(Duration::from_secs(10), told.recv()).await;
        assert!(!matches!(silent, Ok(Some(_))), "a dead scope does nothing");
    }
}
