//! The books as pure rules: wallets, grants, holds, charges, entries and their hash chain.
