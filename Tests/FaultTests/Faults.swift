import Testing

/// Everything that breaks a real installation: the real programs, real TLS, real files.
///
/// One after the other, because each wants the machine for itself: what they measure is time. How much each does is
/// written beside it, in every run and with `--long`. An installation ends with its test, however that ends.
///
/// | Folder | What breaks | In every run | `--long` |
/// | --- | --- | --- | --- |
/// | `Kills` | kill -9 of any service at random moments, of rollbacks too | 25 | 500 |
/// | `Kills` | a crash at every named point, the rare ones too, all in real processes | 5 each | 100 each |
/// | `Kills` | the same on the way of a rollback, of a release, or of a leftover at a shop that is off | once each | 20 each |
/// | `Leases` | an importer stands still, often at the shop, and wakes when its runs are another's | 50 | 1,000 |
/// | `PowerCuts` | the power, under one service and under all of them | 20, 3 | 200, 50 |
/// | `Disks` | calls that fail, each seen to strike | 5 kinds x 40 | 5 kinds x 400 |
/// | `Disks` | a full disk: at the start of each service, at work, under imports | 3 moments | 30 moments |
/// | `Disks` | a schema on its way, from empty at each flush; from each earlier one | one flush | each flush, write |
/// | `Restarts` | all services replaced in turn, under load | once | 20 times |
/// | `Poison` | a merchant whose catalogue breaks whoever reads it, beside healthy ones | 5 kinds, 5 | 5 kinds, 50 |
/// | `Importers` | nothing, or one of two importers: a giant or poisonous neighbour, and going from hand to hand | 4, once | 44, 20 |
/// | `Importers` | nothing; a giant carried to its end by the importer that has small runs beside it | 15,000 items | 1,000,000 |
/// | `Secrets` | nothing; but what is secret stands nowhere but where it must | 50 secrets | 50 secrets |
@Suite(.serialized) enum Faults {}
