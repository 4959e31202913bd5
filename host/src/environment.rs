//! The system under test: its services, how they are brought up, and where they answer.
