//! The words of Hivemind as types: parsing, validation, units, defaults.
//!
//! Everybody who speaks about the cluster speaks in these types: the replicated state, the API, the commands and the agents.
//! Pure: no clock, no random source, no file, no socket. What is random or timed comes in as an argument.
//!
//! # What is here
//!
//! - **Names and ids**: [`Name`], [`Namespace`], [`NodeName`], [`ObjectKey`], [`Label`], [`Selector`]; [`NodeId`], [`ReplicaId`],
//!   [`RequestId`], [`TokenId`], [`RevisionNumber`], [`Generation`].
//! - **Quantities**: [`Cpu`], [`Bytes`], [`Span`], [`Timestamp`], [`Amount`], [`Ratio`]. Integers inside; never a float.
//! - **Things that specs are made of**: [`ImageReference`], [`PinnedImage`], [`Port`], [`Mount`], [`EnvVar`], [`Cidr`],
//!   [`Value`], [`Probe`], [`Taint`], [`CronExpression`].
//! - **One record per word**: [`Node`], [`App`] and its [`AppSpec`], [`Revision`], [`Replica`], [`Service`], [`Endpoint`],
//!   [`Job`], [`CronJob`], [`Volume`], [`Secret`], [`ConfigSet`], [`NetworkPolicy`], [`Quota`], [`User`], [`Role`], [`Event`],
//!   [`AuditEntry`], [`Alert`], [`Tenant`].
//! - **Settings**: [`Settings`] of the running cluster, [`ClusterOptions`] of the daemon's file.
//! - **[`input`]**: TOML and JSON from people.
//!
//! # Text forms
//!
//! What a person writes in one piece has one text form: `FromStr` reads it, `Display` writes it so that it reads back to the
//! same value, serde uses it. A text that is refused is a [`ParseError`] with the value, the reason and an example that works:
//!
//! ```
//! use hm_model::{Bytes, ImageReference, Name};
//!
//! assert_eq!("256Mi".parse::<Bytes>()?.as_u64(), 268_435_456);
//! assert_eq!("nginx".parse::<ImageReference>()?.to_string(), "docker.io/library/nginx:latest");
//! let error = "Web".parse::<Name>().unwrap_err();
//! assert_eq!(error.to_string(), "`Web` is not a name: it must be in lower case: did you mean `web`?; for example `web-1`");
//! # Ok::<(), hm_model::ParseError>(())
//! ```
//!
//! # One set of types, three formats
//!
//! In JSON and TOML quantities and ids are their texts (bare numbers are read, too: `cpu = 0.5`). In CBOR, which the state and
//! the calls between nodes use, quantities, times and ids are integers or byte strings, so a type must be read with a format
//! of the same nature as it was written with. Enums are never untagged or internally tagged and structs never flattened,
//! because serde would then buffer values and lose which format it reads.
//!
//! State outlives versions: a reader ignores fields it does not know, and every field has a default but those that say what
//! the thing is (`name`, `key`, `image`, `spec`, ...), which no version may drop. People get the opposite: [`input`] refuses
//! keys that mean nothing and says where they are.
//!
//! # Two steps of checking
//!
//! Parsing checks what one value can know of itself. What needs the whole (a limit below its request, two ports that collide,
//! something that is not built yet) is told by `problems()` of a spec as a list of [`SpecProblem`]; a spec that has none can be
//! deployed. Nothing else in Hivemind repeats these checks.

mod absolute_path;
mod actor;
mod alert;
mod amount;
mod app;
mod audit;
mod base32;
mod blob;
mod bytes;
mod cidr;
mod cluster_options;
mod code;
mod config_set;
mod container;
mod counters;
mod cpu;
mod cron;
mod cron_job;
mod decimal;
mod endpoint;
mod env;
mod event;
mod id64;
mod image;
pub mod input;
mod job;
mod label;
mod mount;
mod name;
mod namespace;
mod network_policy;
mod node;
mod node_id;
mod node_name;
mod object_key;
mod object_ref;
mod parse_error;
mod placement;
mod port;
mod probe;
mod protocol;
mod quota;
mod ratio;
mod replica;
mod replica_id;
mod request_id;
mod resources;
mod revision;
mod role;
mod secret;
mod selector;
mod service;
mod settings;
mod span;
mod spec_problem;
mod stop_signal;
mod taint;
mod tenant;
mod text;
mod timestamp;
mod token_id;
mod update;
mod user;
mod value;
mod volume;

pub use absolute_path::AbsolutePath;
pub use actor::{Actor, Via};
pub use alert::{Alert, AlertState, Severity};
pub use amount::Amount;
pub use app::{App, AppSpec, Mode, OnNodeLoss, RestartPolicy};
pub use audit::{AuditEntry, Outcome};
pub use blob::Blob;
pub use bytes::Bytes;
pub use cidr::Cidr;
pub use cluster_options::{ClusterOptions, ClusterOptionsError};
pub use code::Code;
pub use config_set::{ConfigKey, ConfigSet};
pub use container::{Container, ContainerKind};
pub use counters::{FeatureLevel, Generation, RevisionNumber};
pub use cpu::Cpu;
pub use cron::CronExpression;
pub use cron_job::{CronJob, CronJobSpec, Overlap};
pub use endpoint::{Endpoint, EndpointState};
pub use env::{EnvFileError, EnvName, EnvVar, parse_env_file};
pub use event::{Event, EventKind};
pub use image::{Digest, ImageReference, PinnedImage};
pub use job::{Job, JobPhase, JobSpec, JobStatus};
pub use label::{Label, LabelChange, LabelKey, LabelValue, Labels};
pub use mount::{Access, Mount, MountSource};
pub use name::Name;
pub use namespace::Namespace;
pub use network_policy::{NetworkPolicy, NetworkPolicySpec, PolicyPeer, PolicyPort, PolicyRule};
pub use node::{Eligibility, Node, NodeRole, NodeState, Scheduling};
pub use node_id::NodeId;
pub use node_name::NodeName;
pub use object_key::ObjectKey;
pub use object_ref::{ObjectKind, ObjectRef};
pub use parse_error::{ParseError, Reason};
pub use placement::{Affinity, Placement, Strength};
pub use port::{Port, Publish};
pub use probe::{Check, Probe, Probes};
pub use protocol::Protocol;
pub use quota::{Quota, QuotaLimits};
pub use ratio::Ratio;
pub use replica::{ContainerStatus, Phase, Replica, ReplicaStatus, Wanted};
pub use replica_id::ReplicaId;
pub use request_id::RequestId;
pub use resources::{Capacity, Requests, Resources};
pub use revision::Revision;
pub use role::{Action, Permission, Resource, Role};
pub use secret::{Ciphertext, Secret};
pub use selector::{Requirement, Selector};
pub use service::{Balancing, Service, ServicePort};
pub use settings::{
    PlacementStrategy, SettingError, SettingInfo, SettingKey, SettingKind, SettingValue, Settings,
    VXLAN_OVERHEAD,
};
pub use span::Span;
pub use spec_problem::SpecProblem;
pub use stop_signal::StopSignal;
pub use taint::{Taint, TaintEffect, Toleration};
pub use tenant::{Isolation, Tenant, TenantBackend, TenantState};
pub use timestamp::Timestamp;
pub use token_id::TokenId;
pub use update::{OnUpdateFailure, UpdateOrder, UpdateStrategy};
pub use user::{Grant, PasswordHash, User, UserName};
pub use value::Value;
pub use volume::{Volume, VolumeKind, VolumeSpec};
