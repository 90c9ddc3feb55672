import Testing

/// Everything that breaks a real installation: the real programs, real TLS, real files.
///
/// One after the other, because each wants the machine for itself: what they measure is time. How much each does is
/// written beside it, in every run and with `--long`. An installation ends with its test, however that ends.
///
/// - `Kills`: kill -9 at random moments; a crash at every named point.
/// - `Leases`: an importer that stands still, and wakes when its runs are another one's.
/// - `Restarts`: all services replaced in turn, under load.
/// - `Poison`: a merchant whose catalogue breaks whoever reads it.
/// - `Secrets`: what is secret stands nowhere but where it must.
/// - `Disks`, `PowerCuts`: what the disk does.
@Suite(.serialized) enum Faults {}
