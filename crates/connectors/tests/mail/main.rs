//! Mails: what stands in them, and where they go.

mod letters;

mod folder;

mod smtp;
