//! A letter written out for one reader.

use std::time::{Duration, SystemTime};

use askama::Template;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};
use units::{Instant, JobId};

use super::words::Words;
use super::{Letter, MailFault, Postbox, Sender};

/// A mail that is ready to go.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// The id of the job that sends it.
    pub id: JobId,
    /// The reader's address.
    pub to: String,
    /// One line, without secrets.
    pub subject: String,
    /// The letter as plain text.
    pub text: String,
    /// The letter as HTML.
    pub html: String,
    /// When it was written.
    pub written_at: Instant,
    /// A file that comes with it.
    pub attachment: Option<Attachment>,
}

/// A file in a mail.
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    /// What it is called, such as `2026-000001.pdf`.
    pub name: String,
    /// Its media type.
    pub kind: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

#[derive(Template)]
#[template(path = "mail/letter.txt", escape = "none")]
struct Text<'a> {
    brand: &'a str,
    words: &'a Words,
}

#[derive(Template)]
#[template(path = "mail/letter.html")]
struct Html<'a> {
    brand: &'a str,
    public_url: &'a str,
    words: &'a Words,
}

impl Mail {
    /// Writes the letter out. `brand` is what the product calls itself.
    ///
    /// # Errors
    /// A permanent fault when a template cannot be filled.
    pub fn write(
        id: JobId,
        to: &str,
        letter: &Letter,
        brand: &str,
        postbox: &Postbox,
        now: Instant,
    ) -> Result<Self, MailFault> {
        let public_url = &postbox.public_url;
        let words = letter.words(brand, public_url);
        let fault = |error: askama::Error| MailFault::Permanent(format!("the letter could not be written: {error}"));
        Ok(Self {
            id,
            to: to.to_owned(),
            text: Text { brand, words: &words }.render().map_err(fault)?,
            html: Html { brand, public_url, words: &words }.render().map_err(fault)?,
            subject: words.subject,
            written_at: now,
            attachment: None,
        })
    }

    /// The mail as it goes over the wire. The same mail is the same bytes every time.
    pub(super) fn message(&self, from: &Sender) -> Result<Message, MailFault> {
        let to: Address =
            self.to.parse().map_err(|_| MailFault::Permanent("the reader's address is none".to_owned()))?;
        let since_1970 = Duration::from_micros(u64::try_from(self.written_at.micros()).unwrap_or_default());
        // A boundary that is made from the id need not be searched for in the text: no letter holds it.
        let words = MultiPart::alternative()
            .boundary(format!("tare-{}", self.id))
            .singlepart(part(ContentType::TEXT_PLAIN, &self.text))
            .singlepart(part(ContentType::TEXT_HTML, &self.html));
        let body = match &self.attachment {
            None => words,
            Some(file) => {
                let kind =
                    file.kind.parse().map_err(|_| MailFault::Permanent(format!("{} is no media type", file.kind)))?;
                let file = lettre::message::Attachment::new(file.name.clone()).body(file.bytes.clone(), kind);
                MultiPart::mixed().boundary(format!("tare-with-{}", self.id)).multipart(words).singlepart(file)
            }
        };
        Message::builder()
            .from(from.clone())
            .to(Mailbox::new(None, to))
            .subject(self.subject.as_str())
            .date(SystemTime::UNIX_EPOCH + since_1970)
            .message_id(Some(format!("<{}@{}>", self.id, from.email.domain())))
            .multipart(body)
            .map_err(|error| MailFault::Permanent(format!("the mail could not be made: {error}")))
    }
}

fn part(kind: ContentType, body: &str) -> SinglePart {
    SinglePart::builder().header(kind).body(body.to_owned())
}
