//! The packed participants of an event: column `parts`.

use super::entry::{Part, Quantity, Role, What};
use crate::codes::Block;
use crate::codes::pack::{Damaged, Unpack, members, put_members, put_number, put_signed};

const VERSION: u8 = 1;
const MEMBERS: u8 = 0;
const AMOUNT: u8 = 1;
const SOME: u8 = 2;

/// Packs participants: version, count, then role, block and members or quantity of each.
pub fn pack(parts: &[Part]) -> Vec<u8> {
    let mut out = vec![VERSION];
    put_number(&mut out, parts.len() as u64);
    for part in parts {
        out.push(part.role as u8);
        out.extend_from_slice(&part.block.0);
        match &part.what {
            What::Members(set) => {
                out.push(MEMBERS);
                put_members(&mut out, set);
            }
            What::Quantity(quantity) => put_quantity(&mut out, quantity),
        }
    }
    out
}

/// Reads what [`pack`] wrote.
pub fn unpack(bytes: &[u8]) -> Result<Vec<Part>, Damaged> {
    let mut from = Unpack::new(bytes);
    if from.byte()? != VERSION {
        return Err(Damaged("an unknown version of participants"));
    }
    let count = from.number()?;
    let mut parts = Vec::new();
    for _ in 0..count {
        let role = role(from.byte()?)?;
        let block = Block(from.array()?);
        let what = match from.byte()? {
            MEMBERS => What::Members(members(&mut from)?),
            AMOUNT => {
                let amount = (from.signed()?, from.byte()?);
                What::Quantity(Quantity {
                    amount: Some(amount),
                    uom: uom(&mut from)?,
                })
            }
            SOME => What::Quantity(Quantity {
                amount: None,
                uom: uom(&mut from)?,
            }),
            _ => return Err(Damaged("an unknown form of participant")),
        };
        parts.push(Part { role, block, what });
    }
    if from.is_done() {
        Ok(parts)
    } else {
        Err(Damaged("bytes after the last participant"))
    }
}

fn put_quantity(out: &mut Vec<u8>, quantity: &Quantity) {
    match quantity.amount {
        Some((amount, scale)) => {
            out.push(AMOUNT);
            put_signed(out, amount);
            out.push(scale);
        }
        None => out.push(SOME),
    }
    let uom = quantity.uom.as_deref().unwrap_or_default();
    put_number(out, uom.len() as u64);
    out.extend_from_slice(uom.as_bytes());
}

fn uom(from: &mut Unpack<'_>) -> Result<Option<String>, Damaged> {
    let length = usize::try_from(from.number()?).map_err(|_wrong| Damaged("too long"))?;
    let text = std::str::from_utf8(from.bytes(length)?)
        .map_err(|_wrong| Damaged("a unit that is no text"))?;
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

fn role(number: u8) -> Result<Role, Damaged> {
    [
        Role::Object,
        Role::Parent,
        Role::Child,
        Role::Input,
        Role::Output,
    ]
    .into_iter()
    .find(|role| *role as u8 == number)
    .ok_or(Damaged("an unknown role"))
}

#[cfg(test)]
mod tests {
    use super::{Part, Quantity, Role, What, pack, unpack};
    use crate::codes::Block;

    #[test]
    fn participants_read_back_as_written() {
        let kilos = Quantity {
            amount: Some((12_345, 2)),
            uom: Some("KGM".into()),
        };
        let parts = vec![
            Part {
                role: Role::Parent,
                block: Block([2; 16]),
                what: What::Members([7].into_iter().collect()),
            },
            Part {
                role: Role::Child,
                block: Block([1; 16]),
                what: What::Members((0..24).collect()),
            },
            Part {
                role: Role::Input,
                block: Block([3; 16]),
                what: What::Quantity(kilos),
            },
            Part {
                role: Role::Output,
                block: Block([3; 16]),
                what: What::Quantity(Quantity {
                    amount: None,
                    uom: None,
                }),
            },
        ];

        assert_eq!(unpack(&pack(&parts)), Ok(parts));
    }

    #[test]
    fn every_cut_of_the_bytes_is_refused() {
        let parts = vec![Part {
            role: Role::Object,
            block: Block([1; 16]),
            what: What::Members((0..24).collect()),
        }];
        let bytes = pack(&parts);
        for end in 0..bytes.len() {
            assert!(unpack(&bytes[..end]).is_err(), "{end}");
        }
    }
}
