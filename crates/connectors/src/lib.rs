//! The doors to the outside: upstream model providers, each with its fake.
