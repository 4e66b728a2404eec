//! The program itself, run as a person or a script runs it.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::database::TestDatabase;

/// Longest wait for something a program was asked to do; reaching it fails the test.
const PATIENCE: Duration = Duration::from_mins(2);

/// A folder with a configuration file in it, where the program is started: its keys, and whatever a test puts there.
#[derive(Debug)]
pub(crate) struct Workplace {
    folder: TempDir,
    address: String,
}

impl Workplace {
    /// A workplace on a database that exists.
    pub(crate) fn on(database: &TestDatabase) -> Self {
        Self::at(tempfile::tempdir().unwrap(), database.address())
    }

    /// A workplace whose (SQLite) database is not there yet.
    pub(crate) fn bare() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = format!("sqlite:{}", folder.path().join("suyuan.db").display());
        Self::at(folder, address)
    }

    /// A workplace on the database at this address.
    pub(crate) fn at_address(address: &str) -> Self {
        Self::at(tempfile::tempdir().unwrap(), address.to_owned())
    }

    fn at(folder: TempDir, address: String) -> Self {
        let workplace = Self { folder, address };
        workplace.configure("");
        workplace
    }

    /// Writes the configuration file: database, keys, a free port, and these lines of TOML.
    pub(crate) fn configure(&self, more: &str) {
        let text = format!(
            "{more}\n[http]\nlisten = \"127.0.0.1:0\"\n[database]\nurl = {:?}\n[keys]\ndir = {:?}\n[ledger]\norigin = \"suyuan.test\"\n",
            self.address,
            self.path("keys").display().to_string()
        );
        std::fs::write(self.path("suyuan.toml"), text).unwrap();
    }

    /// A file or folder of the workplace.
    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs `suyuan ARGS` here to its end.
    pub(crate) fn run<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Finished {
        self.start(args).wait()
    }

    /// Runs `suyuan ARGS` here to its end, with these variables.
    pub(crate) fn run_with<S: AsRef<OsStr>>(
        &self,
        variables: &[(&str, &str)],
        args: impl IntoIterator<Item = S>,
    ) -> Finished {
        self.start_with(variables, args).wait()
    }

    /// Starts `suyuan ARGS` here.
    pub(crate) fn start<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Running {
        self.start_with(&[], args)
    }

    fn start_with<S: AsRef<OsStr>>(
        &self,
        variables: &[(&str, &str)],
        args: impl IntoIterator<Item = S>,
    ) -> Running {
        let mut command = Command::new(env!("CARGO_BIN_EXE_suyuan"));
        for (variable, _) in std::env::vars_os() {
            if variable.to_string_lossy().starts_with("SUYUAN_") {
                command.env_remove(variable);
            }
        }
        command
            .envs(variables.iter().copied())
            .arg("--config")
            .arg(self.path("suyuan.toml"))
            .args(args)
            .current_dir(self.folder.path());
        Running::of(command)
    }
}

/// What a finished program left.
#[derive(Debug)]
pub(crate) struct Finished {
    /// Its exit code; none when a signal ended it.
    pub(crate) code: Option<i32>,
    /// What it wrote to standard output.
    pub(crate) stdout: String,
    /// What it wrote to standard error.
    pub(crate) stderr: String,
}

impl Finished {
    /// Fails unless the program ended with this code.
    pub(crate) fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// The one JSON object on standard output.
    pub(crate) fn json(&self) -> serde_json::Value {
        match serde_json::from_str(&self.stdout) {
            Ok(value) => value,
            Err(error) => panic!("standard output is no JSON ({error}): {self:#?}"),
        }
    }
}

/// A program that is running; it is killed when the test forgets it.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    stdout: Stream,
    stderr: Stream,
}

impl Running {
    fn of(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = Stream::of(child.stdout.take().unwrap());
        let stderr = Stream::of(child.stderr.take().unwrap());
        Self {
            child,
            stdout,
            stderr,
        }
    }

    /// Waits for the first line of standard output with this text in it.
    pub(crate) fn stdout_line(&self, part: &str) -> String {
        self.stdout.line(part)
    }

    /// Waits for the first line of standard error with this text in it.
    pub(crate) fn stderr_line(&self, part: &str) -> String {
        self.stderr.line(part)
    }

    /// Ends it at once (SIGKILL), as a power cut would.
    pub(crate) fn kill(mut self) -> Finished {
        self.child.kill().unwrap();
        self.wait()
    }

    /// The same while others use it, without waiting.
    pub(crate) fn strike(&self) {
        self.tell("-KILL");
    }

    /// Lets it stand still, or go on.
    pub(crate) fn freeze(&self, is_still: bool) {
        self.tell(if is_still { "-STOP" } else { "-CONT" });
    }

    /// Asks it to end (SIGTERM) and waits until it has.
    pub(crate) fn stop(self) -> Finished {
        self.signal("-TERM")
    }

    /// Presses Ctrl-C (SIGINT) and waits until it has ended.
    pub(crate) fn interrupt(self) -> Finished {
        self.signal("-INT")
    }

    fn signal(self, signal: &str) -> Finished {
        self.tell(signal);
        self.wait()
    }

    fn tell(&self, signal: &str) {
        let told = Command::new("kill")
            .args([signal, &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(told.success());
    }

    /// Waits for its end.
    pub(crate) fn wait(mut self) -> Finished {
        let give_up = Instant::now() + PATIENCE;
        let status: ExitStatus = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < give_up, "still running: {self:#?}");
            std::thread::sleep(Duration::from_millis(5));
        };
        Finished {
            code: status.code(),
            stdout: self.stdout.all(),
            stderr: self.stderr.all(),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail when it has ended and was waited for, which is well.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What a program has written so far, read by a thread so that it never waits for us.
#[derive(Debug)]
struct Stream {
    seen: Arc<Seen>,
    reader: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Seen {
    text: Mutex<Text>,
    grown: Condvar,
}

#[derive(Debug, Default)]
struct Text {
    lines: Vec<String>,
    ended: bool,
}

impl Stream {
    fn of(source: impl Read + Send + 'static) -> Self {
        let seen = Arc::new(Seen::default());
        let ours = Arc::clone(&seen);
        let reader = std::thread::spawn(move || {
            let mut source = BufReader::new(source);
            loop {
                let mut line = Vec::new();
                let size = source.read_until(b'\n', &mut line).unwrap_or(0);
                let mut text = ours.text.lock().unwrap();
                if size == 0 {
                    text.ended = true;
                } else {
                    text.lines.push(String::from_utf8_lossy(&line).into_owned());
                }
                ours.grown.notify_all();
                if size == 0 {
                    return;
                }
            }
        });
        Self {
            seen,
            reader: Some(reader),
        }
    }

    fn line(&self, part: &str) -> String {
        let give_up = Instant::now() + PATIENCE;
        let mut text = self.seen.text.lock().unwrap();
        loop {
            if let Some(line) = text.lines.iter().find(|line| line.contains(part)) {
                return line.trim_end().to_owned();
            }
            let left = give_up.saturating_duration_since(Instant::now());
            assert!(
                !text.ended && !left.is_zero(),
                "no line with {part:?} came: {:#?}",
                text.lines
            );
            text = self.seen.grown.wait_timeout(text, left).unwrap().0;
        }
    }

    fn all(&mut self) -> String {
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        self.seen.text.lock().unwrap().lines.concat()
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::{Running, Workplace};
    use crate::harness::database::TestDatabase;

    fn shell(script: &str) -> Running {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Running::of(command)
    }

    #[test]
    fn the_program_says_its_name_and_ends_well() {
        let database = TestDatabase::sqlite();

        for workplace in [Workplace::on(&database), Workplace::bare()] {
            let finished = workplace.run(["--version"]).expect_code(0);

            assert!(finished.stdout.starts_with("suyuan"), "{finished:?}");
        }
    }

    #[test]
    fn a_configuration_file_takes_lines_of_a_test_beside_its_own() {
        let workplace = Workplace::bare();

        workplace.configure("[kafka]\nbrokers = \"127.0.0.1:9\"\n");

        let text = std::fs::read_to_string(workplace.path("suyuan.toml")).unwrap();
        let table: toml::Table = text.parse().unwrap();
        assert_eq!(table["kafka"]["brokers"].as_str(), Some("127.0.0.1:9"));
        assert_eq!(table["http"]["listen"].as_str(), Some("127.0.0.1:0"));
    }

    #[test]
    fn output_and_exit_code_are_kept_apart() {
        let finished = shell("echo '{\"n\": 1}'; echo warn >&2; exit 3").wait();

        assert_eq!(finished.json()["n"], 1);
        assert_eq!(finished.stderr, "warn\n");
        assert_eq!(finished.code, Some(3));
    }

    #[test]
    fn a_running_program_is_watched_killed_and_stopped() {
        let killed = shell("echo ready; exec sleep 600");
        let stopped =
            shell("trap 'echo bye; exit 0' TERM; echo ready >&2; while :; do sleep 0.05; done");

        assert_eq!(killed.stdout_line("rea"), "ready");
        assert_eq!(stopped.stderr_line("rea"), "ready");

        assert_eq!(killed.kill().code, None);
        let stopped = stopped.stop();
        assert_eq!((stopped.code, stopped.stdout.as_str()), (Some(0), "bye\n"));
    }
}
