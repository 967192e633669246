//! Random worlds, a naive reference model and an auditor: the tests of the books.
