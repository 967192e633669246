//! The wire format of OpenAI's chat completions.

mod request;
pub(crate) use request::{ChatRequest, Wish};
