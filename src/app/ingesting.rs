//! How ingestion in this process is doing, for whoever asks whether the process can work. Whoever ingests
//! writes it down, whoever answers reads it.

use std::collections::BTreeSet;

use parking_lot::Mutex;

/// How ingestion is doing; without ingestion there is nothing to tell.
#[derive(Debug, Default)]
pub struct Ingesting(Mutex<Option<State>>);

#[derive(Debug, Default)]
struct State {
    topic: String,
    kafka: Kafka,
    database_is_away: bool,
    /// Partitions that are ours and go on.
    going: BTreeSet<i32>,
    /// Partitions that are ours and cannot go on.
    held: BTreeSet<i32>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Kafka {
    /// The group has not taken us in yet.
    #[default]
    Awaited,
    Reached,
    Lost,
}

/// What there is to tell of ingestion.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Readiness {
    /// Why it cannot work, in words; empty when it can.
    pub hindered: Vec<String>,
    /// What else there is to know: partitions that are held while others go on.
    pub told: Vec<String>,
}

impl Ingesting {
    /// Ingestion of this topic begins; Kafka is not reached yet.
    pub fn begin(&self, topic: &str) {
        *self.0.lock() = Some(State {
            topic: topic.to_owned(),
            ..State::default()
        });
    }

    /// Kafka answers, and the group has taken us in.
    pub fn kafka_is_reached(&self) {
        self.change(|state| state.kafka = Kafka::Reached);
    }

    /// Kafka does not answer any more.
    pub fn kafka_is_lost(&self) {
        self.change(|state| {
            if state.kafka == Kafka::Reached {
                state.kafka = Kafka::Lost;
            }
        });
    }

    /// The database is away for the writer, or back.
    pub fn database_is_away(&self, away: bool) {
        self.change(|state| state.database_is_away = away);
    }

    /// The partitions that are ours: those that go on, and those that are held.
    pub fn partitions(&self, going: BTreeSet<i32>, held: BTreeSet<i32>) {
        self.change(|state| (state.going, state.held) = (going, held));
    }

    /// Ingestion has ended.
    pub fn end(&self) {
        *self.0.lock() = None;
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        if let Some(state) = self.0.lock().as_mut() {
            change(state);
        }
    }

    /// What there is to tell now. A partition that is held hinders only when no other goes on: those that
    /// do are worked on. How far the topic is read never hinders.
    pub fn readiness(&self) -> Readiness {
        let guard = self.0.lock();
        let Some(state) = guard.as_ref() else {
            return Readiness::default();
        };
        let mut readiness = Readiness::default();
        if state.database_is_away {
            let sentence = "the database is away: nothing is recorded until it is back";
            readiness.hindered.push(sentence.to_owned());
        }
        match state.kafka {
            Kafka::Awaited => readiness.hindered.push(
                "Kafka is not reached yet, or the group has not assigned partitions".to_owned(),
            ),
            Kafka::Lost => readiness
                .hindered
                .push("Kafka is not reached any more".to_owned()),
            Kafka::Reached => {}
        }
        if !state.held.is_empty() {
            let names: Vec<String> = state
                .held
                .iter()
                .map(|partition| format!("{}/{partition}", state.topic))
                .collect();
            let sentence = format!("held, the log says why: {}", names.join(", "));
            if state.going.is_empty() {
                readiness
                    .hindered
                    .push(format!("no partition goes on; {sentence}"));
            } else {
                readiness.told.push(sentence);
            }
        }
        readiness
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Ingesting, Readiness};

    #[test]
    fn who_does_not_ingest_has_nothing_to_tell() {
        let ingesting = Ingesting::default();
        ingesting.kafka_is_lost();
        ingesting.database_is_away(true);

        assert_eq!(ingesting.readiness(), Readiness::default());
    }

    #[test]
    fn kafka_and_the_database_hinder_while_they_are_away() {
        let ingesting = Ingesting::default();
        ingesting.begin("t");
        let said = |word: &str| {
            let hindered = ingesting.readiness().hindered;
            assert!(
                hindered.len() == 1 && hindered[0].contains(word),
                "{hindered:?}"
            );
        };

        said("not reached yet");
        ingesting.kafka_is_lost();
        said("not reached yet");
        ingesting.kafka_is_reached();
        assert_eq!(ingesting.readiness(), Readiness::default());
        ingesting.kafka_is_lost();
        said("not reached any more");
        ingesting.kafka_is_reached();
        ingesting.database_is_away(true);
        said("database is away");
        ingesting.database_is_away(false);
        assert_eq!(ingesting.readiness(), Readiness::default());
    }

    #[test]
    fn held_partitions_are_told_and_hinder_when_none_goes_on() {
        let ingesting = Ingesting::default();
        ingesting.begin("t");
        ingesting.kafka_is_reached();

        ingesting.partitions(BTreeSet::from([0]), BTreeSet::from([1, 2]));
        let readiness = ingesting.readiness();
        assert!(readiness.hindered.is_empty());
        assert_eq!(readiness.told, ["held, the log says why: t/1, t/2"]);

        ingesting.partitions(BTreeSet::new(), BTreeSet::from([1]));
        let readiness = ingesting.readiness();
        assert!(readiness.told.is_empty());
        assert!(readiness.hindered[0].contains("no partition goes on"));

        ingesting.partitions(BTreeSet::new(), BTreeSet::new());
        assert_eq!(ingesting.readiness(), Readiness::default());

        ingesting.kafka_is_lost();
        ingesting.end();
        assert_eq!(ingesting.readiness(), Readiness::default());
    }
}
