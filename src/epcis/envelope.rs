//! A document taken apart for the ledger: the envelope, which is the document with its event slices cut
//! out, and the slices. Put together they are the bytes received.
//!
//! An envelope is `version (1) ‖ count (u32) ‖ count × cut (u64) ‖ rest`, integers big-endian. `rest` is the
//! document without the slices, and each cut is the place in `rest` at which the slice of its number goes;
//! cuts never fall. Nothing in `rest` is looked at, so any document whatever survives.

use std::ops::Range;

/// The version written.
const VERSION: u8 = 1;

/// Bytes before the cuts.
const HEAD_BYTES: usize = 5;

/// Bytes of one cut.
const CUT_BYTES: usize = 8;

/// Why a document cannot be cut, or an envelope not be joined.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// The slices to cut overlap, are out of order or reach over the end.
    #[error("slice {0} does not follow the one before it within the document")]
    Slice(usize),
    /// More slices than an envelope can count.
    #[error("{0} slices are more than an envelope counts")]
    TooMany(usize),
    /// Not an envelope, or one of a version unknown here.
    #[error("these bytes are not an envelope of version {VERSION}")]
    NotAnEnvelope,
    /// The number of slices is another one than that of the cuts.
    #[error("{cuts} slices were cut out, {slices} are given")]
    Count {
        /// Cuts in the envelope.
        cuts: usize,
        /// Slices given.
        slices: usize,
    },
}

/// Cuts `slices` out of a document. They must be in order and apart.
pub fn cut(bytes: &[u8], slices: &[Range<usize>]) -> Result<Vec<u8>, EnvelopeError> {
    let too_many = |_| EnvelopeError::TooMany(slices.len());
    let count = u32::try_from(slices.len()).map_err(too_many)?;
    let mut envelope = vec![VERSION];
    envelope.extend_from_slice(&count.to_be_bytes());
    let mut rest = Vec::with_capacity(bytes.len() / 4);
    let mut done = 0;
    for (index, slice) in slices.iter().enumerate() {
        let between = bytes.get(done..slice.start);
        let inside = slice.start <= slice.end && slice.end <= bytes.len();
        let (Some(between), true) = (between, inside) else {
            return Err(EnvelopeError::Slice(index));
        };
        rest.extend_from_slice(between);
        let cut = u64::try_from(rest.len()).map_err(too_many)?;
        envelope.extend_from_slice(&cut.to_be_bytes());
        done = slice.end;
    }
    rest.extend_from_slice(bytes.get(done..).unwrap_or_default());
    envelope.append(&mut rest);
    Ok(envelope)
}

/// Puts slices back: the bytes that were cut.
pub fn join<S: AsRef<[u8]>>(envelope: &[u8], slices: &[S]) -> Result<Vec<u8>, EnvelopeError> {
    let (cuts, rest) = parts(envelope)?;
    if cuts.len() != slices.len() {
        return Err(EnvelopeError::Count {
            cuts: cuts.len(),
            slices: slices.len(),
        });
    }
    let total = slices
        .iter()
        .map(|slice| slice.as_ref().len())
        .sum::<usize>()
        + rest.len();
    let mut bytes = Vec::with_capacity(total);
    let mut done = 0;
    for (cut, slice) in cuts.into_iter().zip(slices) {
        let between = rest.get(done..cut).ok_or(EnvelopeError::NotAnEnvelope)?;
        bytes.extend_from_slice(between);
        bytes.extend_from_slice(slice.as_ref());
        done = cut;
    }
    bytes.extend_from_slice(rest.get(done..).unwrap_or_default());
    Ok(bytes)
}

/// How many slices were cut out.
pub(super) fn slice_count(envelope: &[u8]) -> Result<usize, EnvelopeError> {
    parts(envelope).map(|(cuts, _)| cuts.len())
}

fn parts(envelope: &[u8]) -> Result<(Vec<usize>, &[u8]), EnvelopeError> {
    let (head, tail) = envelope
        .split_at_checked(HEAD_BYTES)
        .ok_or(EnvelopeError::NotAnEnvelope)?;
    let [VERSION, a, b, c, d] = *head else {
        return Err(EnvelopeError::NotAnEnvelope);
    };
    let count = usize::try_from(u32::from_be_bytes([a, b, c, d])).ok();
    let (cuts, rest) = count
        .and_then(|count| tail.split_at_checked(count.checked_mul(CUT_BYTES)?))
        .ok_or(EnvelopeError::NotAnEnvelope)?;
    let (cuts, _) = cuts.as_chunks::<CUT_BYTES>();
    let cuts = cuts
        .iter()
        .map(|cut| usize::try_from(u64::from_be_bytes(*cut)).ok())
        .collect::<Option<Vec<_>>>()
        .ok_or(EnvelopeError::NotAnEnvelope)?;
    Ok((cuts, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn slices_out_of_order_or_reach_are_refused() {
        for (slices, wrong) in [
            (vec![0..2, 1..3], 1),
            (vec![3..4, 0..1], 1),
            (vec![0..1, 1..9], 1),
            (vec![Range { start: 3, end: 2 }], 0),
        ] {
            assert_eq!(cut(b"abcde", &slices), Err(EnvelopeError::Slice(wrong)));
        }
    }

    #[test]
    fn what_is_no_envelope_is_refused() {
        let good = cut(b"abcde", std::slice::from_ref(&(1..2))).unwrap();
        assert_eq!(join(&good, &[b"b"]).unwrap(), b"abcde");
        assert!(matches!(
            join::<&[u8]>(&good, &[]),
            Err(EnvelopeError::Count { cuts: 1, slices: 0 })
        ));
        for bad in [
            &b""[..],
            b"\x01\0\0\0",
            b"\x02\0\0\0\0abc",
            b"\x01\xff\xff\xff\xff",
        ] {
            assert_eq!(join::<&[u8]>(bad, &[]), Err(EnvelopeError::NotAnEnvelope));
        }
        let far = [&[1, 0, 0, 0, 1][..], &99_u64.to_be_bytes(), b"abc"].concat();
        assert_eq!(join(&far, &[b"x"]), Err(EnvelopeError::NotAnEnvelope));
    }

    proptest! {
        #[test]
        fn cutting_and_joining_gives_the_same_bytes(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            bounds in prop::collection::vec(0_usize..200, 0..12),
        ) {
            let mut bounds: Vec<_> = bounds.into_iter().map(|b| b.min(bytes.len())).collect();
            bounds.sort_unstable();
            let slices: Vec<_> = bounds.as_chunks::<2>().0.iter().map(|[a, b]| *a..*b).collect();
            let envelope = cut(&bytes, &slices).unwrap();
            let cut_out: Vec<_> = slices.iter().map(|s| &bytes[s.clone()]).collect();
            prop_assert_eq!(join(&envelope, &cut_out).unwrap(), bytes);
        }
    }
}
