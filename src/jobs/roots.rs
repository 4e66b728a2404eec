//! Whose certificates are trusted.

use std::path::Path;

use ureq::tls::{Certificate, PemItem, parse_pem};

use crate::app;

/// The certificates of the machine, and those of the file.
pub(super) fn roots(file: &Path) -> Result<Vec<Certificate<'static>>, app::Error> {
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        let error = error as &dyn std::error::Error;
        tracing::warn!(error, "certificates of this machine cannot be read");
    }
    let certs = found.certs.iter();
    let mut roots: Vec<Certificate<'static>> = certs
        .map(|cert| Certificate::from_der(cert).to_owned())
        .collect();
    if file.as_os_str().is_empty() {
        return Ok(roots);
    }
    let refuse = |detail: String| app::Error::Configuration {
        key: "webhooks.ca_file".into(),
        detail: format!("{}: {detail}", file.display()),
    };
    let text = std::fs::read(file).map_err(|error| refuse(error.to_string()))?;
    let before = roots.len();
    for item in parse_pem(&text) {
        if let PemItem::Certificate(cert) = item.map_err(|error| refuse(error.to_string()))? {
            roots.push(cert);
        }
    }
    if roots.len() == before {
        return Err(refuse("holds no certificate (PEM)".to_owned()));
    }
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_certificates_is_a_wrong_setting() {
        let folder = tempfile::tempdir().unwrap();
        let empty = folder.path().join("empty.pem");
        std::fs::write(&empty, "nothing").unwrap();

        for file in [empty, folder.path().join("none.pem")] {
            let refused = roots(&file).unwrap_err().to_string();
            assert!(
                refused.starts_with("configuration: webhooks.ca_file: "),
                "{refused}"
            );
        }
    }
}
