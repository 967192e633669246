//! Mails as files.

use std::os::unix::fs::PermissionsExt;

use connectors::mail::MailSettings;

use crate::letters::{invitation, write};

#[tokio::test]
async fn a_mail_is_a_file_that_is_its_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("tare.mail");
    let settings = MailSettings { from: Some("Größe <no-reply@example.com>".to_owned()), ..MailSettings::default() };
    let postbox = settings.open("https://tare.example.com/", &folder).unwrap();
    let mail = write(&invitation("Ünion\r\nX-Evil: 1"));
    let send = async || postbox.mailer.send(&postbox.from, &mail).await;
    assert_eq!((send().await, send().await), (Ok(()), Ok(())));
    let files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files, [folder.join(format!("{}.eml", mail.id))]);
    assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);

    let text = std::fs::read_to_string(&files[0]).unwrap();
    let (head, _) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("Date: Tue, 29 Feb 2028 12:00:00 +0000"), "{head}");
    assert!(head.contains(&format!("Message-ID: <{}@example.com>", mail.id)), "{head}");
    assert!(head.contains("To: ana@example.com"), "{head}");
    assert!(!head.lines().any(|line| line.starts_with("X-Evil")), "{head}");
    assert!(head.is_ascii(), "{head}");
}

#[test]
fn a_sender_must_be_one() {
    let settings = MailSettings { from: Some("nobody".to_owned()), ..MailSettings::default() };
    let error = settings.open("http://localhost", "mail".as_ref()).err().unwrap();
    assert!(error.contains("mail.from: `nobody` is not a sender"), "{error}");
}
