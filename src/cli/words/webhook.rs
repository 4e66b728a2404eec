//! Webhooks and what was or is to be sent to them.

use super::terms;
use crate::cli::Lang;
use crate::webhooks::{DeliveryView, WebhookView};

/// A webhook on one line: whose it is, where it leads, which kinds of notices it gets, whether it is enabled.
pub(in crate::cli) fn webhook(webhook: &WebhookView, lang: Lang) -> String {
    let state = match (&webhook.disabled_at, &webhook.disabled_reason) {
        (Some(at), Some(reason)) => either!(lang, "{at} 停用：{reason}", "disabled {at}: {reason}"),
        (Some(at), None) => either!(lang, "{at} 停用", "disabled {at}"),
        (None, _) => lang.of("启用", "enabled").to_owned(),
    };
    let kinds = match webhook.kinds.as_slice() {
        [] => lang.of("全部", "all").to_owned(),
        kinds => kinds.join(","),
    };
    let (id, org, url) = (&webhook.id, &webhook.org, &webhook.url);
    format!("{id}  {org}  {url}  {kinds}  {state}")
}

/// A webhook whose secret was printed.
pub(in crate::cli) fn with_secret(made: &WebhookView, lang: Lang) -> String {
    let line = webhook(made, lang);
    either!(
        lang,
        "{line}  （密钥只显示这一次，请妥善保存）",
        "{line}  (shown once: keep it)"
    )
}

/// That a webhook is gone.
pub(in crate::cli) fn deleted(webhook: &WebhookView, lang: Lang) -> String {
    let id = &webhook.id;
    either!(lang, "已删除 {id}", "deleted {id}")
}

/// What was or is to be sent, on one line.
pub(in crate::cli) fn delivery(delivery: &DeliveryView, lang: Lang) -> String {
    let when = match (&delivery.next_attempt_at, &delivery.ended_at) {
        (Some(next), _) => either!(lang, "下次 {next}", "next {next}"),
        (None, Some(ended)) => ended.clone(),
        (None, None) => String::new(),
    };
    let tries = match (lang, delivery.attempts) {
        (Lang::Zh, tries) => format!("已试 {tries} 次"),
        (Lang::En, 1) => "1 try".to_owned(),
        (Lang::En, tries) => format!("{tries} tries"),
    };
    let (notice, recall, kind) = (&delivery.notice, &delivery.recall, &delivery.kind);
    let state = terms::delivery(&delivery.state, lang);
    let error = delivery.last_error.as_deref().unwrap_or_default();
    let text = format!("{notice}  {recall}  {kind}  {state}  {tries}  {when}  {error}");
    text.trim_end().to_owned()
}
