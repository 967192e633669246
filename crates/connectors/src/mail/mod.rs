//! Letters to people, by mail.
//!
//! A [`Letter`] is what we have to say, in values; [`Mail`] is a letter written out in plain text and HTML
//! for one reader. A [`Mailer`] delivers it: to a mail server, to a folder, or to memory.
//!
//! The id of a mail is that of the job that sends it. The folder and memory keep one mail an id, and a mail
//! server sees the same `Message-ID` again; so a mail that is sent twice after a crash can be told as one.

mod letter;
pub use letter::{Letter, UnpaidStep};

mod words;

mod written;
pub use written::{Attachment, Mail};

mod mailer;
pub use mailer::{MailFault, Mailer, Postbox, Sender, Sending};

mod kept;
pub use kept::KeptMail;

mod folder;
pub use folder::MailFolder;

mod smtp;
pub use smtp::{Encryption, SmtpServer, SmtpSettings};

mod settings;
pub use settings::MailSettings;
