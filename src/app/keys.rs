//! Keys on disk: a folder of mode 0700 with `master.key` (codes, PINs, seals, secrets of webhooks) and `salt.key` (the
//! earliest living salt key and its month). Made once; losing `master.key` loses every code's meaning.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use hkdf::Hkdf;
use sha2::Sha256;

use super::Error;
use crate::codes::MasterKey;
use crate::ledger::{SaltKeys, SealKey, hex};
use crate::webhooks::SealingKey;

const MASTER: &str = "master.key";
const SALT: &str = "salt.key";
/// Months since January 1970 of the first salt key: every later month is derived from it.
const FIRST_MONTH: i64 = 0;
/// HKDF info of the key that seals rows.
const SEAL_INFO: &[u8] = b"suyuan seal key";
/// HKDF info of the key that seals secrets of webhooks.
const WEBHOOK_INFO: &[u8] = b"suyuan webhook key";

/// The keys of an installation.
#[derive(Debug)]
pub struct KeyFolder {
    /// Codes and PINs.
    pub master: MasterKey,
    /// Rows that nothing else derives.
    pub seal: SealKey,
    /// Leaf commitments.
    pub salts: SaltKeys,
    /// Secrets of webhooks.
    pub webhooks: SealingKey,
}

impl KeyFolder {
    /// Reads the folder.
    pub fn open(dir: &Path) -> Result<Self, Error> {
        check_mode(dir)?;
        let master = read_key(dir, MASTER)?.1;
        let (month, salt) = read_key(dir, SALT)?;
        let derived = |info| {
            let mut key = [0; 32];
            Hkdf::<Sha256>::new(None, &master)
                .expand(info, &mut key)
                .map_err(|error| key_file(&dir.join(MASTER), error.to_string()))?;
            Ok::<_, Error>(key)
        };
        Ok(Self {
            master: MasterKey::from_bytes(master),
            seal: SealKey::new(derived(SEAL_INFO)?),
            salts: SaltKeys::new(month, salt),
            webhooks: SealingKey::new(derived(WEBHOOK_INFO)?),
        })
    }

    /// Makes what is missing and tells which files it made.
    pub fn init(dir: &Path) -> Result<Vec<&'static str>, Error> {
        if !dir.is_dir() {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(dir)
                .map_err(|error| key_file(dir, error.to_string()))?;
        }
        check_mode(dir)?;
        let missing = Self::missing(dir);
        for name in &missing {
            write_new_key(dir, name)?;
        }
        Ok(missing)
    }

    /// Which files are not there.
    pub fn missing(dir: &Path) -> Vec<&'static str> {
        let names = [MASTER, SALT].into_iter();
        names.filter(|name| !dir.join(name).exists()).collect()
    }
}

fn key_file(path: &Path, detail: String) -> Error {
    Error::KeyFile {
        path: path.display().to_string(),
        detail,
    }
}

fn check_mode(dir: &Path) -> Result<(), Error> {
    let Ok(metadata) = fs::metadata(dir) else {
        return Err(Error::NoKeyFile {
            name: MASTER,
            dir: dir.display().to_string(),
        });
    };
    if metadata.permissions().mode() & 0o077 != 0 {
        return Err(key_file(
            dir,
            "the folder must have mode 0700: others can read it".into(),
        ));
    }
    Ok(())
}

/// A key file is one line: a number and 64 hexadecimal digits.
fn read_key(dir: &Path, name: &'static str) -> Result<(i64, [u8; 32]), Error> {
    let path: PathBuf = dir.join(name);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(Error::NoKeyFile {
                name,
                dir: dir.display().to_string(),
            });
        }
        Err(error) => return Err(key_file(&path, error.to_string())),
    };
    let damaged = || {
        key_file(
            &path,
            "is damaged: a number and 64 hexadecimal digits are needed".into(),
        )
    };
    let (number, digits) = text.trim_end().split_once(' ').ok_or_else(damaged)?;
    let number = number.parse().ok().ok_or_else(damaged)?;
    let mut key = [0; 32];
    if digits.len() != 64 || !digits.is_ascii() {
        return Err(damaged());
    }
    for (byte, pair) in key.iter_mut().zip(digits.as_bytes().chunks(2)) {
        let pair = std::str::from_utf8(pair).ok().ok_or_else(damaged)?;
        *byte = u8::from_str_radix(pair, 16).ok().ok_or_else(damaged)?;
    }
    Ok((number, key))
}

fn write_new_key(dir: &Path, name: &str) -> Result<(), Error> {
    let path = dir.join(name);
    let mut key = [0_u8; 32];
    getrandom::fill(&mut key)
        .map_err(|error| key_file(&path, format!("no randomness: {error}")))?;
    let line = format!("{FIRST_MONTH} {}\n", hex(&key));
    let save = || {
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        file.write_all(line.as_bytes())?;
        file.sync_all()
    };
    save().map_err(|error| key_file(&path, error.to_string()))
}
