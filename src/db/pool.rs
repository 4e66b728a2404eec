//! The connections of a process: readers in a pool, and for SQLite one writer with a fair queue.

use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::r2d2;
use parking_lot::FairMutex;

use super::{Conn, DatabaseUrl, Error, turn};

/// How long to wait for a connection before saying that the database cannot be reached.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// The database of this process. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    url: DatabaseUrl,
    pool: r2d2::Pool<Connector>,
    /// SQLite has one writer at a time; waiting here is fair, waiting in SQLite is not.
    writer: Option<Arc<FairMutex<Conn>>>,
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Db")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl Db {
    /// Connects with at most `size` connections. The schema must be current.
    pub fn open(url: &DatabaseUrl, size: u32) -> Result<Self, Error> {
        let mut first = Conn::open(url)?;
        super::migrate::check(&mut first)?;
        let writer = matches!(url, DatabaseUrl::Sqlite(_)).then(|| Arc::new(FairMutex::new(first)));
        let pool = r2d2::Pool::builder()
            .max_size(size.max(1))
            .min_idle(Some(0))
            .connection_timeout(WAIT_MAX)
            .error_handler(Box::new(Silent))
            .build_unchecked(Connector { url: url.clone() });
        Ok(Self {
            url: url.clone(),
            pool,
            writer,
        })
    }

    /// Where the database is.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Reads one state of the database.
    pub fn read<T, E: From<Error>>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E> {
        self.pooled()?.snapshot(work)
    }

    /// The same, if a connection is free within this time.
    pub fn read_within<T, E: From<Error>>(
        &self,
        patience: Duration,
        work: impl FnOnce(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E> {
        let conn = self.pool.get_timeout(patience);
        conn.map_err(|error| Error::Unreachable(Box::new(error)))?
            .snapshot(work)
    }

    /// Writes in one transaction.
    pub fn write<T, E: From<Error>>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E> {
        match &self.writer {
            Some(writer) => writer.lock().write(work),
            None => self.pooled()?.write(work),
        }
    }

    /// Writes in one transaction for whose end others wait, as captures do at the head of a shard. One that stands
    /// still is ended; whoever waited too long for it has a failure that is transient.
    pub fn write_in_turn<T, E: From<Error>>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E> {
        if let Some(writer) = &self.writer {
            return writer.lock().write_in_turn(work);
        }
        let mut conn = self.pooled()?;
        let began = Instant::now();
        let done = conn.write_in_turn(work);
        drop(conn);
        if done.is_err() && turn::has_waited(began) {
            self.end_those_that_stand();
        }
        done
    }

    fn end_those_that_stand(&self) {
        let ended = self
            .pooled()
            .and_then(|mut conn| turn::end_those_that_stand(&mut conn));
        if let Err(error) = ended {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "transactions that stand still could not be ended"
            );
        }
    }

    fn pooled(&self) -> Result<r2d2::PooledConnection<Connector>, Error> {
        self.pool
            .get()
            .map_err(|error| Error::Unreachable(Box::new(error)))
    }
}

/// Makes connections for the pool; the address says to which database, and no other is tried.
#[derive(Debug)]
struct Connector {
    url: DatabaseUrl,
}

impl r2d2::ManageConnection for Connector {
    type Connection = Conn;
    type Error = r2d2::Error;

    fn connect(&self) -> Result<Conn, r2d2::Error> {
        Conn::open(&self.url).map_err(|error| {
            r2d2::Error::ConnectionError(ConnectionError::BadConnection(whole_chain(&error)))
        })
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<(), r2d2::Error> {
        diesel::sql_query("SELECT 1")
            .execute(conn)
            .map(|_| ())
            .map_err(r2d2::Error::QueryError)
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        super::either!(conn, |c| r2d2::R2D2Connection::is_broken(c))
    }
}

fn whole_chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

/// The failure is reported by whoever asked for the connection.
#[derive(Debug)]
struct Silent;

impl<E> r2d2::HandleError<E> for Silent {
    fn handle_error(&self, _: E) {}
}
