import Testing

/// Tests of what the process as a whole takes: memory, files, time under load. `compose/test` runs them after the others,
/// one by one, so that they see only what is their own.
@Suite(.serialized) enum Alone {}
