//! Keys behind the codes. One master key makes, by HKDF-SHA256, a key for every purpose, tenant and key
//! epoch, so that a leaked key opens one tenant's codes of one epoch and a new epoch needs no new secret.
//! Bytes of keys are never printed: `Debug` shows the type alone.

use std::fmt;

use hkdf::Hkdf;
use sha2::Sha256;

use super::base32;

/// Bytes of every key here.
pub const KEY_BYTES: usize = 32;

/// HKDF salt: names the scheme. Changing it makes every printed code "not issued".
const SALT: &[u8] = b"suyuan codes 1";

/// A generation of keys, 0..32: the first character of a serial says under which one it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyEpoch(u8);

impl KeyEpoch {
    /// The epoch a tenant begins with.
    pub const FIRST: Self = Self(0);
    /// Epochs there can be: one character of the serial.
    pub const COUNT: u8 = 32;

    /// The epoch of this number; `None` from 32 on.
    pub const fn new(number: u8) -> Option<Self> {
        if number < Self::COUNT {
            Some(Self(number))
        } else {
            None
        }
    }

    /// The epoch this character of a serial names.
    pub const fn from_character(character: u8) -> Option<Self> {
        match base32::value(character) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// Its number.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// The character that stands for it in a serial.
    pub const fn character(self) -> u8 {
        base32::character(self.0)
    }
}

/// The secret all keys of this installation come from.
#[derive(Clone)]
pub struct MasterKey([u8; KEY_BYTES]);

/// The AES-256 key of one tenant's serials in one epoch.
#[derive(Clone)]
pub struct SerialKey([u8; KEY_BYTES]);

/// The HMAC key of one tenant's PINs in one epoch.
#[derive(Clone)]
pub struct PinKey([u8; KEY_BYTES]);

impl MasterKey {
    /// From the bytes of the key file.
    pub const fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        Self(bytes)
    }

    /// The key of `tenant`'s serials in `epoch`.
    pub fn serial_key(&self, tenant: &str, epoch: KeyEpoch) -> SerialKey {
        SerialKey(self.derive("serial", tenant, epoch))
    }

    /// The key of `tenant`'s PINs in `epoch`.
    pub fn pin_key(&self, tenant: &str, epoch: KeyEpoch) -> PinKey {
        PinKey(self.derive("pin", tenant, epoch))
    }

    /// HKDF with purpose, epoch and tenant as info. A purpose has no zero byte and the epoch has one
    /// byte, so no two triples make the same info.
    fn derive(&self, purpose: &str, tenant: &str, epoch: KeyEpoch) -> [u8; KEY_BYTES] {
        let mut key = [0; KEY_BYTES];
        let info: [&[u8]; 3] = [purpose.as_bytes(), &[0, epoch.0], tenant.as_bytes()];
        let derived = Hkdf::<Sha256>::new(Some(SALT), &self.0).expand_multi_info(&info, &mut key);
        let Ok(()) = derived else {
            unreachable!("HKDF-SHA256 gives up to 8160 bytes");
        };
        key
    }
}

impl SerialKey {
    /// From bytes that were derived elsewhere.
    pub const fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes, for the cipher.
    pub const fn as_bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }
}

impl PinKey {
    /// The bytes, for the HMAC.
    pub const fn as_bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

impl fmt::Debug for SerialKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SerialKey(…)")
    }
}

impl fmt::Debug for PinKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PinKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const MASTER: MasterKey = MasterKey::from_bytes([0xA7; KEY_BYTES]);

    fn epoch(number: u8) -> KeyEpoch {
        KeyEpoch::new(number).unwrap()
    }

    #[test]
    fn each_purpose_tenant_and_epoch_has_its_own_key() {
        let mut keys = BTreeSet::new();
        let tenants = ["", "a", "b", "ab", "\u{1}a"];
        for tenant in tenants {
            for number in 0..KeyEpoch::COUNT {
                keys.insert(*MASTER.serial_key(tenant, epoch(number)).as_bytes());
                keys.insert(*MASTER.pin_key(tenant, epoch(number)).as_bytes());
            }
        }
        assert_eq!(keys.len(), tenants.len() * 32 * 2);
    }

    #[test]
    fn the_same_question_gives_the_same_key_and_another_master_another() {
        let first = MASTER.serial_key("dairy", KeyEpoch::FIRST);
        let again = MASTER.serial_key("dairy", KeyEpoch::FIRST);
        let other = MasterKey::from_bytes([0xA8; KEY_BYTES]).serial_key("dairy", KeyEpoch::FIRST);

        assert_eq!(first.as_bytes(), again.as_bytes());
        assert_ne!(first.as_bytes(), other.as_bytes());
    }

    #[test]
    fn debug_shows_no_byte_of_a_key() {
        let shown = format!(
            "{MASTER:?} {:?} {:?}",
            MASTER.serial_key("dairy", KeyEpoch::FIRST),
            MASTER.pin_key("dairy", KeyEpoch::FIRST)
        );
        assert_eq!(shown, "MasterKey(…) SerialKey(…) PinKey(…)");
    }

    #[test]
    fn an_epoch_is_one_character_of_a_serial() {
        assert_eq!(KeyEpoch::new(32), None);
        assert_eq!(KeyEpoch::from_character(b'U'), None);
        for number in 0..KeyEpoch::COUNT {
            let epoch = epoch(number);
            assert_eq!(KeyEpoch::from_character(epoch.character()), Some(epoch));
        }
    }
}
