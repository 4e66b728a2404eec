//! What every handler is given.

use std::sync::Arc;

use actix_web::web;
use metrics_exporter_prometheus::PrometheusHandle;

use crate::app::{App, Code, Problem};

/// The running whole and what is measured of it.
#[derive(Debug)]
pub(super) struct State {
    app: Arc<App>,
    /// Renders the metrics.
    pub(super) metrics: PrometheusHandle,
}

impl State {
    pub(super) const fn new(app: Arc<App>, metrics: PrometheusHandle) -> Self {
        Self { app, metrics }
    }

    /// The configuration, keys, database and clock.
    pub(super) fn app(&self) -> &App {
        &self.app
    }

    /// Does blocking work away from the threads that answer.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&App) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let app = Arc::clone(&self.app);
        match web::block(move || work(&app)).await {
            Ok(done) => done,
            Err(error) => {
                Err(Problem::new(Code::Internal, "the work was not finished").because(error))
            }
        }
    }
}
