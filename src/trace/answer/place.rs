//! Where something is at a time.

use serde::Serialize;
use utoipa::ToSchema;

use super::items::where_items_are;
use super::{Quantity, certainty_word, event_ids};
use crate::codes::{Dictionary, MemberSet};
use crate::db::Conn;
use crate::epcis::Timestamp;
use crate::ledger::Position;
use crate::trace::Error;
use crate::trace::along::{Goes, Whither, along};
use crate::trace::evaluate::{Balances, Certainty, Evaluation, LotOwners};
use crate::trace::holding::{Fate, Holding, Names, named_blocks};
use crate::trace::shares::{Share, account_blocks};
use crate::trace::store::StoreSource;
use crate::trace::subject::{Subject, Wanted, subject};

/// Where something is.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Whereabouts)]
pub struct Where {
    /// Its identifier.
    pub id: String,
    /// The time asked about.
    pub at: String,
    /// The place.
    pub place: Option<String>,
    /// Who has it.
    pub holder: Option<String>,
    /// The party whose property it is, as far as events name owners.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// What has become of it.
    pub status: Fate,
    /// The container it is in, else what it is fixed to.
    pub inside: Option<String>,
    /// The containers around it, innermost first.
    pub containers: Vec<String>,
    /// How certain it is.
    pub certainty: &'static str,
    /// The event that decides.
    pub event: Option<String>,
    /// Where else it can be: answers that contradict this one, and where the stock of its lot went among which it lay.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Holding>,
    /// It is surely where the stock of its lot is among which it was seen last.
    #[serde(skip)]
    pub(super) has_gone: bool,
    /// The parts of a lot; of one that moves by single items alone, how many of them are where.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<PartView>,
}

impl Where {
    /// Whether no event by then tells of it.
    pub fn is_untold(&self) -> bool {
        self.status == Fate::Unknown
            && self.event.is_none()
            && self.parts.is_empty()
            && self.others.is_empty()
    }

    /// A lot is where its parts are: in one place when there is one.
    pub(super) fn of_parts(
        subject: Subject,
        at: Timestamp,
        certainty: Certainty,
        others: Vec<Holding>,
        parts: Vec<PartView>,
    ) -> Self {
        let one = match parts.as_slice() {
            [part] => Some(part.holding.clone()),
            _ => None,
        };
        Self {
            id: subject.id,
            at: at.to_string(),
            place: one.as_ref().and_then(|held| held.place.clone()),
            holder: one.as_ref().map(|held| held.holder.clone()),
            owner: one.as_ref().and_then(|held| held.owner.clone()),
            status: one.map_or(Fate::Unknown, |held| held.status),
            inside: None,
            containers: Vec::new(),
            certainty: certainty_word(certainty),
            event: None,
            others,
            has_gone: false,
            parts,
        }
    }
}

/// A part of a lot.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = LotPart)]
pub struct PartView {
    /// How much.
    pub quantity: Quantity,
    /// Where and with whom.
    #[serde(flatten)]
    pub holding: Holding,
}

/// Where an identifier is at a time. Call inside a snapshot.
pub fn where_is(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    text: &str,
    at: Timestamp,
    position: &Position,
) -> Result<Where, Error> {
    let mut source = StoreSource::new(conn, position.clone())?;
    let subject = subject(&mut source, dictionary, text, Wanted::Anything)?;
    if subject.address.block.is_quantified() {
        return where_is_lot(source, dictionary, (text, subject), at, position);
    }
    let units = [(
        subject.address.block,
        MemberSet::one(subject.address.member),
    )]
    .into();
    let mut evaluation = Evaluation::new(&mut source);
    let found = evaluation.whereabouts_in_containers(&units, at)?;
    let owned = evaluation.owners(&units, at)?;
    let owner = owned.first().map(|owned| owned.owner);
    let chain = found.inside(subject.address);
    let gone = along(&mut evaluation, &found, at)?;
    let (named, containers) = account_blocks(gone.iter().flat_map(|gone| gone.accounts.keys()));
    let inside = evaluation.whereabouts(&containers, at)?;
    let lots = gone.iter().flat_map(|gone| gone.accounts.values().copied());
    let lot_owners = evaluation.lot_owners(&lots.collect(), at)?;
    let mut blocks = named_blocks(found.standings.iter().chain(&inside.standings));
    blocks.extend(named);
    blocks.extend(owner);
    blocks.extend(lot_owners.values().flat_map(LotOwners::all));
    let names = Names::read(source.conn(), dictionary, &blocks, position)?;
    let spelled = dictionary.spell(source.conn(), &chain.iter().copied().collect())?;
    let mut containers: Vec<String> = chain
        .iter()
        .filter_map(|unit| spelled.get(unit).cloned())
        .collect();
    let Some(standing) = found.of(subject.address) else {
        return Err(Error::NeverSeen {
            text: text.to_owned(),
            understood: subject.id,
        });
    };
    let whither = Whither {
        names: &names,
        containers: &inside,
        lot_owners: &lot_owners,
    };
    let mut holding = names.owned_by(owner, names.holding(&standing.answer));
    let mut certainty = standing.answer.certainty;
    let mut others = Vec::new();
    let has_gone = gone
        .first()
        .is_some_and(|along| matches!(along.goes(), Goes::To(..)));
    if let Some(along) = gone.first() {
        (holding, others) = whither.gone(along, holding);
        if along.goes() != Goes::Stays {
            certainty = certainty.max(Certainty::Inferred);
            containers.clear();
        }
    }
    for other in &standing.others {
        let other = names.holding(other);
        if !others.contains(&other) {
            others.push(other);
        }
    }
    let event = event_ids(source.conn(), &standing.answer.event.into_iter().collect())?;
    Ok(Where {
        id: subject.id,
        at: at.to_string(),
        place: holding.place,
        holder: Some(holding.holder),
        owner: holding.owner,
        status: holding.status,
        inside: containers.first().cloned(),
        containers,
        certainty: certainty_word(certainty),
        event: event.into_values().next(),
        others,
        has_gone,
        parts: Vec::new(),
    })
}

fn where_is_lot(
    mut source: StoreSource<'_>,
    dictionary: Dictionary<'_>,
    (text, subject): (&str, Subject),
    at: Timestamp,
    position: &Position,
) -> Result<Where, Error> {
    let lot = subject.address.block;
    let mut evaluation = Evaluation::new(&mut source);
    let balances = evaluation
        .balances(&[lot].into(), at)?
        .remove(&lot)
        .unwrap_or_default();
    let whole: Vec<Share> = balances
        .iter()
        .flat_map(|balances| {
            let parts = balances.parts.iter();
            let known = parts.filter(|(account, _)| !balances.unknown.contains(account));
            let known = known.map(|(account, bounds)| (*account, Some(*bounds)));
            let unknown = balances.unknown.iter().filter(|account| account.is_part());
            let unknown = unknown.map(|account| (*account, None));
            known.chain(unknown).map(|(account, bounds)| Share {
                account,
                uom: balances.uom.clone(),
                lo: bounds.map(|bounds| bounds.lo),
                hi: bounds.map(|bounds| bounds.hi),
            })
        })
        .collect();
    if whole.is_empty() && subject.lots.is_empty() && !subject.items.is_empty() {
        return where_items_are(source, dictionary, subject, at, position);
    }
    if whole.is_empty() {
        subject.check_is_thing(text)?;
    }
    let mut owners = evaluation.lot_owners(&[lot].into(), at)?;
    let owners = owners.remove(&lot).unwrap_or_default();
    let (mut blocks, containers) = account_blocks(balances.iter().flat_map(Balances::named));
    let inside = evaluation.whereabouts(&containers, at)?;
    blocks.extend(named_blocks(inside.standings.iter()));
    blocks.extend(owners.all());
    let names = Names::read(source.conn(), dictionary, &blocks, position)?;
    let parts: Vec<PartView> = whole
        .iter()
        .map(|share| {
            let holding = names.account(&share.account, |unit| {
                inside.of(unit).map(|standing| standing.answer)
            });
            PartView {
                quantity: Quantity::of(share),
                holding: names.owned_by(owners.of(&share.account), holding),
            }
        })
        .collect();
    // Of what nothing is recorded by then, nothing is said.
    let certainty = if parts.is_empty() {
        Certainty::Assumed
    } else {
        Certainty::Asserted
    };
    Ok(Where::of_parts(subject, at, certainty, Vec::new(), parts))
}
