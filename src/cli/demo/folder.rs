//! The demonstration's own folder: what a run left there belongs to a broker that is gone, so each run
//! starts it anew. A marker file says that the folder is ours; without it nothing is touched.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::app::{Code, Problem};

/// The file that says whose folder it is.
const MARKER: &str = ".suyuan-demo";
const MARKER_TEXT: &[u8] =
    b"This folder belongs to `suyuan demo`, which empties it at each start.\n";
/// Files that a run makes; nothing else is ever removed.
const FILES: [&str; 5] = [
    DATABASE,
    "suyuan.db-wal",
    "suyuan.db-shm",
    "suyuan.db-journal",
    CONFIG,
];
const DATABASE: &str = "suyuan.db";
const CONFIG: &str = "suyuan.toml";
const KEYS: &str = "keys";

/// The folder, ours for the time of a run.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// Locked: a second run at the same time is refused.
    _marker: File,
}

impl Folder {
    /// Takes the folder and empties it. Refused when it holds something and no marker, or when another
    /// run works there.
    pub(super) fn take(path: &Path) -> Result<Self, Problem> {
        let failed = |error: io::Error| {
            Problem::new(Code::InvalidParameter, format!("--dir: {}", path.display()))
                .because(error)
        };
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(failed)?;
        let path = path.canonicalize().map_err(failed)?;
        let marker_path = path.join(MARKER);
        let is_empty = fs::read_dir(&path).map_err(failed)?.next().is_none();
        if !is_empty && !marker_path.is_file() {
            return Err(Problem::new(
                Code::Conflict,
                format!(
                    "--dir: {} holds something and is no folder of a demonstration ({MARKER} is missing); nothing was changed",
                    path.display()
                ),
            ));
        }
        let mut marker = fs::OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(false)
            .mode(0o600)
            .open(&marker_path)
            .map_err(failed)?;
        marker.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => Problem::new(
                Code::Conflict,
                format!("--dir: another demonstration runs in {}", path.display()),
            ),
            TryLockError::Error(error) => failed(error),
        })?;
        marker.write_all(MARKER_TEXT).map_err(failed)?;
        let folder = Self {
            path,
            _marker: marker,
        };
        folder.clear().map_err(failed)?;
        Ok(folder)
    }

    /// Its absolute path.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The database file.
    pub(super) fn database(&self) -> PathBuf {
        self.path.join(DATABASE)
    }

    /// The folder of keys.
    pub(super) fn keys(&self) -> PathBuf {
        self.path.join(KEYS)
    }

    /// The configuration file, for commands after the demonstration.
    pub(super) fn config(&self) -> PathBuf {
        self.path.join(CONFIG)
    }

    fn clear(&self) -> io::Result<()> {
        for name in FILES {
            absent_is_well(fs::remove_file(self.path.join(name)))?;
        }
        absent_is_well(fs::remove_dir_all(self.keys()))
    }
}

fn absent_is_well(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_something_in_it_and_no_marker_is_left_alone() {
        let home = tempfile::tempdir().unwrap();
        let theirs = home.path().join(DATABASE);
        fs::write(&theirs, "precious").unwrap();

        let refused = Folder::take(home.path()).unwrap_err();

        assert_eq!(refused.code, Code::Conflict);
        assert_eq!(fs::read(&theirs).unwrap(), b"precious");
        assert!(!home.path().join(MARKER).exists());
    }

    #[test]
    fn our_own_files_are_removed_and_those_of_others_stay() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("new/deep");
        drop(Folder::take(&path).unwrap());
        for name in [DATABASE, "notes.txt"] {
            fs::write(path.join(name), "x").unwrap();
        }
        fs::create_dir(path.join(KEYS)).unwrap();
        fs::write(path.join(KEYS).join("master.key"), "x").unwrap();

        let folder = Folder::take(&path).unwrap();

        assert!(!folder.database().exists());
        assert!(!folder.keys().exists());
        assert!(folder.path().join("notes.txt").exists());
    }

    #[test]
    fn two_runs_in_one_folder_are_one_too_many() {
        let home = tempfile::tempdir().unwrap();
        let first = Folder::take(home.path()).unwrap();
        fs::write(first.database(), "in use").unwrap();

        assert_eq!(Folder::take(home.path()).unwrap_err().code, Code::Conflict);
        assert!(first.database().exists());

        drop(first);
        assert!(Folder::take(home.path()).is_ok());
    }
}
