//! The character sets of application identifiers.

/// Which characters a value may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Charset {
    /// `0`–`9` (type N).
    Digits,
    /// Set 82 (type X): letters, digits and `! " % & ' ( ) * + , - . / : ; < = > ? _`.
    Text,
    /// Set 39 (type Y): capital letters, digits and `# - /`.
    PartNumber,
    /// Base64url with padding (type Z).
    Base64Url,
}

impl Charset {
    /// Whether the character belongs to the set.
    pub(super) const fn contains(self, byte: u8) -> bool {
        match self {
            Self::Digits => byte.is_ascii_digit(),
            Self::Text => {
                byte.is_ascii_alphanumeric()
                    || matches!(byte, b'!' | b'"' | b'%'..=b'/' | b':'..=b'?' | b'_')
            }
            Self::PartNumber => {
                byte.is_ascii_digit()
                    || byte.is_ascii_uppercase()
                    || matches!(byte, b'#' | b'-' | b'/')
            }
            Self::Base64Url => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'='),
        }
    }

    /// What the characters of the set are called in a message.
    pub(super) const fn noun(self) -> &'static str {
        match self {
            Self::Digits => "digits",
            Self::Text => "characters of the GS1 set 82",
            Self::PartNumber => "capital letters, digits, # - /",
            Self::Base64Url => "base64url characters",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sets_have_as_many_characters_as_their_names_say() {
        let size = |set: Charset| (0..=255).filter(|byte| set.contains(*byte)).count();

        assert_eq!(size(Charset::Digits), 10);
        assert_eq!(size(Charset::Text), 82);
        assert_eq!(size(Charset::PartNumber), 39);
        assert_eq!(size(Charset::Base64Url), 65);
    }

    #[test]
    fn set_82_leaves_out_what_labels_confuse() {
        for byte in b" #$@[\\]^`{|}~" {
            assert!(!Charset::Text.contains(*byte), "{}", char::from(*byte));
        }
    }
}
