//! Files that a command writes: all of a file or nothing of it.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::context::unwritable;
use crate::app::{Code, Problem};

/// A file in the making. It stands beside the one it will be, and takes its name when it is complete;
/// forgotten before that, it is removed. What is no regular file, a pipe or a device, is written straight
/// into.
#[derive(Debug)]
pub(super) struct NewFile {
    path: PathBuf,
    part: Option<PathBuf>,
    file: Option<File>,
}

impl NewFile {
    /// Begins the file `path`. Refused when it cannot be written there.
    pub(super) fn begin(path: &Path) -> Result<Self, Problem> {
        let refuse = |error: io::Error| cannot_write(path, Code::InvalidParameter, error);
        // A link stays: what it leads to is replaced.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let straight = path
            .metadata()
            .is_ok_and(|there| !there.is_file() && !there.is_dir());
        let part = if straight {
            None
        } else {
            Some(part_of(&path).map_err(refuse)?)
        };
        let file = match &part {
            Some(part) => File::create_new(part),
            None => OpenOptions::new().write(true).open(&path),
        };
        Ok(Self {
            file: Some(file.map_err(refuse)?),
            path,
            part,
        })
    }

    /// Gives the file its name, once everything of it is on the disk.
    pub(super) fn finish(mut self) -> Result<(), Problem> {
        let (Some(mut file), part) = (self.file.take(), self.part.take()) else {
            return Ok(());
        };
        let finished = match &part {
            Some(part) => file
                .sync_all()
                .and_then(|()| std::fs::rename(part, &self.path)),
            None => file.flush(),
        };
        finished.map_err(|error| {
            remove(part.as_deref());
            cannot_write(&self.path, Code::Internal, error)
        })
    }
}

/// Where a file is made: beside what it will be, hidden, named after this process.
fn part_of(path: &Path) -> io::Result<PathBuf> {
    let name = path
        .file_name()
        .filter(|_| !path.is_dir())
        .ok_or(io::ErrorKind::IsADirectory)?;
    let part = format!(".{}.{}.part", name.display(), std::process::id());
    Ok(path.with_file_name(part))
}

fn remove(part: Option<&Path>) {
    if let Some(part) = part {
        // Nothing more can be done about a leftover than to name it as one.
        drop(std::fs::remove_file(part));
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.file {
            Some(file) => file.write(bytes),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        remove(self.part.take().as_deref());
    }
}

/// Writes a whole file at once.
pub(super) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Problem> {
    let mut file = NewFile::begin(path)?;
    file.write_all(bytes)
        .map_err(|error| cannot_write(path, Code::Internal, error))?;
    file.finish()
}

/// Writes to standard output as it is.
pub(super) fn write_stdout(bytes: &[u8]) -> Result<(), Problem> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)
        .and_then(|()| out.flush())
        .map_err(unwritable)
}

fn cannot_write(path: &Path, code: Code, error: io::Error) -> Problem {
    let detail = format!("{} cannot be written", path.display());
    Problem::new(code, detail).because(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn a_file_has_its_name_when_it_is_complete() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("codes.csv");
        std::fs::write(&path, "before").unwrap();
        let mut file = NewFile::begin(&path).unwrap();
        file.write_all(b"half").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"before");

        file.finish().unwrap();

        assert_eq!(std::fs::read(&path).unwrap(), b"half");
        assert_eq!(names(folder.path()), ["codes.csv"]);
    }

    #[test]
    fn a_file_that_is_given_up_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = NewFile::begin(&folder.path().join("codes.csv")).unwrap();
        file.write_all(b"half").unwrap();

        drop(file);

        assert_eq!(names(folder.path()), [""; 0]);
    }

    #[test]
    fn a_link_stays_and_what_it_leads_to_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let [link, path] = ["link.csv", "codes.csv"].map(|name| folder.path().join(name));
        std::fs::write(&path, "before").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();

        write_file(&link, b"after").unwrap();

        assert!(link.is_symlink());
        assert_eq!(std::fs::read(&path).unwrap(), b"after");
    }

    #[test]
    fn a_folder_is_no_place_for_a_file_of_its_name() {
        let folder = tempfile::tempdir().unwrap();
        for path in [
            folder.path().to_owned(),
            folder.path().join("none/codes.csv"),
        ] {
            let refused = NewFile::begin(&path).unwrap_err();
            assert_eq!(refused.code, Code::InvalidParameter, "{}", path.display());
        }
    }
}
