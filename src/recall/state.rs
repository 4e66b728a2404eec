//! The states of a recall and of its tasks, and every move there is. Pure.
//!
//! ```text
//! assessing ──decide──▶ recall_decided ──notify──▶ executing ──close──▶ closed        (no task is open)
//!     └────cancel───▶ cancelled ◀──cancel──┘           └──────close──▶ closing ──close──▶ closed
//! ```
//!
//! `ack` answers a task while the recall is executing or closing. A `close` while tasks are open only
//! announces it: the recall is closing, and holders can still answer. The next `close` ends it; tasks that
//! are still open then are written off with its reason. What a closed recall knew is kept for ever.
//!
//! A recall that is not cancelled can be extended at any time, and what a version proposes to remove can be
//! released. Neither is a move of this table, but for one thing: an extension that opens tasks while the
//! recall is closing or closed leads back to executing.

use std::fmt;

/// The state of a recall.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// The scope is known; nothing is decided.
    Assessing,
    /// There will be a recall; nobody has been told.
    RecallDecided,
    /// Every holder has a task.
    Executing,
    /// About to be closed; some tasks are open.
    Closing,
    /// Over.
    Closed,
    /// Given up before anybody was told.
    Cancelled,
}

const STATES: [(State, &str); 6] = [
    (State::Assessing, "assessing"),
    (State::RecallDecided, "recall_decided"),
    (State::Executing, "executing"),
    (State::Closing, "closing"),
    (State::Closed, "closed"),
    (State::Cancelled, "cancelled"),
];

impl State {
    /// Every state.
    pub fn all() -> impl Iterator<Item = Self> {
        STATES.iter().map(|(state, _)| *state)
    }

    /// The name in the store and in answers.
    pub fn as_str(self) -> &'static str {
        let found = STATES.iter().find(|(state, _)| *state == self);
        found.map_or("", |(_, name)| name)
    }

    /// The state with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        let found = STATES.iter().find(|(_, known)| *known == name);
        found.map(|(state, _)| *state)
    }

    /// The state after an action, when `open_tasks` tasks are unanswered.
    pub fn after(self, action: Action, open_tasks: usize) -> Result<Self, Illegal> {
        match (action, self) {
            (Action::Decide, Self::Assessing) => Ok(Self::RecallDecided),
            (Action::Notify, Self::RecallDecided) => Ok(Self::Executing),
            (Action::Ack, Self::Executing | Self::Closing) => Ok(self),
            (Action::Cancel, Self::Assessing | Self::RecallDecided) => Ok(Self::Cancelled),
            (Action::Close, Self::Executing) if 0 < open_tasks => Ok(Self::Closing),
            (Action::Close, Self::Executing | Self::Closing) => Ok(Self::Closed),
            (Action::Decide, _) => Err(Illegal::NotAssessing(self)),
            (Action::Notify, _) => Err(Illegal::NotDecided(self)),
            (Action::Ack, _) => Err(Illegal::NoTasksOpen(self)),
            (Action::Close, _) => Err(Illegal::NotExecuting(self)),
            (Action::Cancel, _) => Err(Illegal::TooLateToCancel(self)),
        }
    }

    /// The state after the scope was extended, or proposals were released, which opened as many tasks.
    pub const fn extended(self, opened: usize) -> Result<Self, Illegal> {
        match self {
            Self::Cancelled => Err(Illegal::GivenUp),
            Self::Closing | Self::Closed if 0 < opened => Ok(Self::Executing),
            _ => Ok(self),
        }
    }

    /// Whether holders have been told.
    pub const fn is_notified(self) -> bool {
        matches!(self, Self::Executing | Self::Closing | Self::Closed)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What moves a recall.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// There will be a recall.
    Decide,
    /// Every holder gets a task.
    Notify,
    /// A holder answers.
    Ack,
    /// It is over, or about to be.
    Close,
    /// There will be none.
    Cancel,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 5] = [
        Self::Decide,
        Self::Notify,
        Self::Ack,
        Self::Close,
        Self::Cancel,
    ];

    /// The name of its order in `control/0`.
    pub const fn order(self) -> &'static str {
        match self {
            Self::Decide => "recall-decided",
            Self::Notify => "recall-notified",
            Self::Ack => "recall-acknowledged",
            Self::Close => "recall-closed",
            Self::Cancel => "recall-cancelled",
        }
    }

    /// The action whose order has this name.
    pub fn of_order(order: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.order() == order)
    }

    /// The name in histories.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Decide => "decide",
            Self::Notify => "notify",
            Self::Ack => "ack",
            Self::Close => "close",
            Self::Cancel => "cancel",
        }
    }
}

/// Why a state does not allow an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Illegal {
    /// `decide` when nothing is left to decide.
    #[error("the recall is {0}: only one that is assessing can be decided")]
    NotAssessing(State),
    /// `notify` before a decision, or again.
    #[error("the recall is {0}: holders are notified once, when it is recall_decided")]
    NotDecided(State),
    /// `ack` when there is nothing to answer.
    #[error("the recall is {0}: tasks are answered while it is executing or closing")]
    NoTasksOpen(State),
    /// `close` before anything was carried out, or again.
    #[error("the recall is {0}: only one that is executing or closing can be closed")]
    NotExecuting(State),
    /// `cancel` after holders were told, or again.
    #[error("the recall is {0}: it can be cancelled while assessing or recall_decided, not after")]
    TooLateToCancel(State),
    /// `extend` or `release` of what was given up.
    #[error("the recall is cancelled: its scope stays as it is")]
    GivenUp,
}

/// The state of a holder's task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TaskState {
    /// For a holder that is no organisation of this system: somebody has to tell it.
    Created,
    /// For a registered organisation: it stands in its list of tasks.
    Sent,
    /// The holder told what it found and set aside.
    Acknowledged,
    /// Still unanswered when the recall was closed.
    WrittenOff,
    /// Withdrawn: everything it was about was released.
    Released,
}

impl TaskState {
    /// The name in the store and in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Sent => "sent",
            Self::Acknowledged => "acknowledged",
            Self::WrittenOff => "written_off",
            Self::Released => "released",
        }
    }

    /// The state with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::Created,
            Self::Sent,
            Self::Acknowledged,
            Self::WrittenOff,
            Self::Released,
        ]
        .into_iter()
        .find(|state| state.as_str() == name)
    }

    /// Whether an answer is due.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Created | Self::Sent)
    }
}

#[cfg(test)]
mod tests {
    use super::{Action, Illegal, State, TaskState};

    type After = fn(State) -> Result<State, Illegal>;

    /// Each row: an action, what it refuses with, and where it leads from the six states with no open
    /// task; `None` is the refusal.
    #[test]
    fn the_table_of_moves_is_this_one_and_no_other() {
        use State::{Assessing, Cancelled, Closed, Closing, Executing, RecallDecided};
        let table: [(Action, After, [Option<State>; 6]); 5] = [
            (
                Action::Decide,
                |state| Err(Illegal::NotAssessing(state)),
                [Some(RecallDecided), None, None, None, None, None],
            ),
            (
                Action::Notify,
                |state| Err(Illegal::NotDecided(state)),
                [None, Some(Executing), None, None, None, None],
            ),
            (
                Action::Ack,
                |state| Err(Illegal::NoTasksOpen(state)),
                [None, None, Some(Executing), Some(Closing), None, None],
            ),
            (
                Action::Close,
                |state| Err(Illegal::NotExecuting(state)),
                [None, None, Some(Closed), Some(Closed), None, None],
            ),
            (
                Action::Cancel,
                |state| Err(Illegal::TooLateToCancel(state)),
                [Some(Cancelled), Some(Cancelled), None, None, None, None],
            ),
        ];
        let states = [
            Assessing,
            RecallDecided,
            Executing,
            Closing,
            Closed,
            Cancelled,
        ];
        assert_eq!(State::all().collect::<Vec<_>>(), states);
        for (action, refusal, row) in table {
            for (state, expected) in states.into_iter().zip(row) {
                let expected = expected.map_or_else(|| refusal(state), Ok);
                assert_eq!(state.after(action, 0), expected, "{action:?} when {state}");
            }
        }
    }

    #[test]
    fn open_tasks_turn_the_first_close_into_an_announcement() {
        assert_eq!(State::Executing.after(Action::Close, 1), Ok(State::Closing));
        assert_eq!(State::Closing.after(Action::Close, 1), Ok(State::Closed));
        for state in State::all() {
            for action in Action::ALL {
                if (state, action) != (State::Executing, Action::Close) {
                    assert_eq!(
                        state.after(action, 9),
                        state.after(action, 0),
                        "{state} {action:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn an_extension_leads_back_to_executing_when_it_opens_tasks() {
        for state in State::all() {
            let quiet = state.extended(0);
            let loud = state.extended(1);
            match state {
                State::Cancelled => assert_eq!((quiet, loud), (Err(Illegal::GivenUp), quiet)),
                State::Closing | State::Closed => {
                    assert_eq!((quiet, loud), (Ok(state), Ok(State::Executing)));
                }
                _ => assert_eq!((quiet, loud), (Ok(state), Ok(state))),
            }
        }
    }

    #[test]
    fn names_read_back() {
        for state in State::all() {
            assert_eq!(State::from_name(state.as_str()), Some(state));
        }
        for action in Action::ALL {
            assert_eq!(Action::of_order(action.order()), Some(action));
        }
        for name in ["created", "sent", "acknowledged", "written_off", "released"] {
            assert_eq!(
                TaskState::from_name(name).map(TaskState::as_str),
                Some(name)
            );
        }
        assert_eq!(State::from_name("open"), None);
        assert_eq!(Action::of_order("recall-opened"), None);
    }
}
