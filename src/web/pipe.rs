//! A pipe from a thread that writes to an answer that is being sent: bounded, so that a slow client slows
//! the writer and not the machine. A client that goes away ends the writing.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;
use parking_lot::{Condvar, Mutex};

/// Bytes of a piece.
const PIECE_BYTES: usize = 64 * 1024;

/// Pieces that wait to be sent: half a megabyte a download.
const PIECES_MAX: usize = 8;

#[derive(Debug, Default)]
struct Queue {
    pieces: VecDeque<Bytes>,
    /// Nothing more will be written; the error when it ended too early.
    ended: Option<Result<(), io::ErrorKind>>,
    /// Nobody reads any more.
    abandoned: bool,
    reader: Option<Waker>,
}

#[derive(Debug, Default)]
struct Shared {
    queue: Mutex<Queue>,
    room: Condvar,
}

/// A new pipe.
pub(super) fn pipe() -> (PipeWriter, PipeBody) {
    let shared = Arc::new(Shared::default());
    let writer = PipeWriter {
        shared: Arc::clone(&shared),
        piece: Vec::with_capacity(PIECE_BYTES),
    };
    (writer, PipeBody { shared })
}

/// The end that is written to. Unless it is [finished](Self::finish), the answer breaks off.
#[derive(Debug)]
pub(super) struct PipeWriter {
    shared: Arc<Shared>,
    piece: Vec<u8>,
}

impl PipeWriter {
    /// Says that everything was written.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.flush()?;
        self.end(Ok(()));
        Ok(())
    }

    fn end(&self, how: Result<(), io::ErrorKind>) {
        let mut queue = self.shared.queue.lock();
        queue.ended.get_or_insert(how);
        if let Some(reader) = queue.reader.take() {
            reader.wake();
        }
    }
}

impl Write for PipeWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if PIECE_BYTES <= self.piece.len() {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE_BYTES));
        let mut queue = self.shared.queue.lock();
        while PIECES_MAX <= queue.pieces.len() && !queue.abandoned {
            self.shared.room.wait(&mut queue);
        }
        if queue.abandoned {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        queue.pieces.push_back(piece.into());
        if let Some(reader) = queue.reader.take() {
            reader.wake();
        }
        Ok(())
    }
}

impl Drop for PipeWriter {
    fn drop(&mut self) {
        self.end(Err(io::ErrorKind::UnexpectedEof));
    }
}

/// The end that is sent.
#[derive(Debug)]
pub(super) struct PipeBody {
    shared: Arc<Shared>,
}

impl MessageBody for PipeBody {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, io::Error>>> {
        let mut queue = self.shared.queue.lock();
        if let Some(piece) = queue.pieces.pop_front() {
            self.shared.room.notify_one();
            return Poll::Ready(Some(Ok(piece)));
        }
        match queue.ended {
            Some(Ok(())) => Poll::Ready(None),
            Some(Err(kind)) => Poll::Ready(Some(Err(kind.into()))),
            None => {
                queue.reader = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Drop for PipeBody {
    fn drop(&mut self) {
        self.shared.queue.lock().abandoned = true;
        self.shared.room.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(body: &mut PipeBody) -> Poll<Option<Result<Bytes, io::Error>>> {
        Pin::new(body).poll_next(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn what_is_written_comes_out_and_then_the_end() {
        let (mut writer, mut body) = pipe();
        assert!(next(&mut body).is_pending());

        writer.write_all(b"ab").unwrap();
        writer.finish().unwrap();

        assert!(matches!(next(&mut body), Poll::Ready(Some(Ok(piece))) if piece == "ab"));
        assert!(matches!(next(&mut body), Poll::Ready(None)));
    }

    #[test]
    fn a_writer_that_gives_up_breaks_the_answer_off() {
        let (mut writer, mut body) = pipe();
        writer.write_all(&vec![1; PIECE_BYTES]).unwrap();
        drop(writer);

        assert!(matches!(next(&mut body), Poll::Ready(Some(Ok(_)))));
        assert!(matches!(next(&mut body), Poll::Ready(Some(Err(_)))));
    }

    #[test]
    fn a_reader_that_goes_away_ends_the_writing() {
        let (mut writer, body) = pipe();
        let writing = std::thread::spawn(move || {
            let piece = vec![1; PIECE_BYTES];
            (0..=PIECES_MAX).try_for_each(|_| writer.write_all(&piece))
        });

        drop(body);

        let error = writing.join().unwrap().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    }
}
