//! Plays stories on a virtual clock through the real operations.
