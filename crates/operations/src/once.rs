//! A change that is made at most once, however often it is asked for with the same key.
//!
//! The claim of the key is part of the change's own transaction, so a change that was made is known as made, by
//! every node and after every crash. Its answer is kept beside it, sealed: an answer can carry a secret that is shown
//! once, and the key that opens it is made from the caller's own secret, which is stored nowhere. Only who asked
//! the first time gets it again.

use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::Claim;
use units::{RequestId, Seconds};
use uuid::Uuid;

use crate::{Context, Error, Services};

/// Answers are kept so long.
pub const KEPT: Seconds = Seconds::from_days(30);

const NONCE_BYTES: usize = 12;

/// What is asked, by whom, with which key.
pub struct Asked<'a> {
    /// The person or key who asks; zeros for nobody.
    pub scope: Uuid,
    /// The route, such as `POST /api/v1/organizations`.
    pub route: &'a str,
    /// What the caller chose.
    pub key: &'a str,
    /// All that was asked for.
    pub content: &'a [u8],
    /// What only the caller knows: the token or key that they showed.
    pub secret: &'a str,
    /// The request.
    pub request: RequestId,
}

/// A change that is bound to its key.
pub struct Once {
    claim: Claim,
    key: String,
    seal: [u8; 32],
}

/// An answer as it went out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The status of the door.
    pub status: u16,
    /// What the answer is.
    pub kind: String,
    /// A cookie that it set.
    pub cookie: Option<String>,
    /// Its text.
    pub body: String,
}

/// What is known of the change.
#[derive(Debug)]
pub enum Known {
    /// Nobody made it.
    New,
    /// It was made and answered so.
    Answered(Box<Answer>),
    /// It was made, and its answer is not there: it is on its way, or it was lost in a crash.
    Unanswered,
}

impl Once {
    /// Binds a change to its key. Where nobody is signed in, the content is part of the key, so that strangers who
    /// choose equal keys never meet.
    pub fn new(ctx: &Context, asked: &Asked<'_>) -> Self {
        let content: [u8; 32] = Sha256::digest(asked.content).into();
        let mut key_hash = Sha256::new().chain_update(asked.route).chain_update([0]).chain_update(asked.key);
        if asked.scope.is_nil() {
            key_hash = key_hash.chain_update([0]).chain_update(content);
        }
        let seal = Sha256::new().chain_update("tare answer").chain_update([0]).chain_update(asked.secret);
        let seal = seal.chain_update([0]).chain_update(asked.key).chain_update([0]).chain_update(asked.content);
        let claim = Claim {
            scope: asked.scope,
            key_hash: key_hash.finalize().into(),
            content,
            request: asked.request.uuid(),
            at: ctx.now,
        };
        Self { claim, key: asked.key.to_owned(), seal: seal.finalize().into() }
    }

    /// The services whose transactions are this change.
    pub fn bind(&self, services: &Services) -> Services {
        Services { store: services.store.claiming(self.claim.clone()), ..services.clone() }
    }

    /// What is known of the change.
    ///
    /// # Errors
    /// [`Error::KeyConflict`] when the key was used for something else.
    pub async fn recall(&self, services: &Services) -> Result<Known, Error> {
        let found = services.store.reader().find_answer(self.claim.scope, self.claim.key_hash).await?;
        let Some(row) = found else { return Ok(Known::New) };
        if row.content != self.claim.content {
            let (first, given) = (fingerprint(row.content), fingerprint(self.claim.content));
            return Err(Error::KeyConflict { key: self.key.clone(), first, given });
        }
        let Some(sealed) = row.sealed else { return Ok(Known::Unanswered) };
        Ok(self.open(&sealed).map_or(Known::Unanswered, |answer| Known::Answered(Box::new(answer))))
    }

    /// Keeps the answer, when the change was made.
    pub async fn keep(&self, services: &Services, ctx: &Context, answer: &Answer) -> Result<(), Error> {
        let sealed = self.close(ctx, answer);
        let (scope, key_hash) = (self.claim.scope, self.claim.key_hash);
        services
            .store
            .write(async move |tx| tx.keep_answer(scope, key_hash, sealed.clone()).await.map_err(Error::from))
            .await
    }

    fn close(&self, ctx: &Context, answer: &Answer) -> Vec<u8> {
        let plain = serde_json::to_vec(answer).expect("an answer is plain data");
        let random = ctx.ids.secret();
        let nonce: [u8; NONCE_BYTES] = std::array::from_fn(|index| random[index]);
        let sealed = self.cipher().encrypt(&Nonce::from(nonce), plain.as_slice());
        [&nonce[..], &sealed.expect("an answer is far below the bound of a message")].concat()
    }

    /// `None` when somebody else's secret sealed it.
    fn open(&self, sealed: &[u8]) -> Option<Answer> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let plain = self.cipher().decrypt(&Nonce::from(*nonce), sealed).ok()?;
        serde_json::from_slice(&plain).ok()
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(&self.seal.into())
    }
}

/// The beginning of a hash, for people who compare two.
pub(crate) fn fingerprint(hash: [u8; 32]) -> String {
    hash[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}
