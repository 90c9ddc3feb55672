import ArgumentParser
import CoreTypes

extension ExitCode {
    /// The run ended, but what it should have done did not come about. The shop was left as it was, or the answer says
    /// what of it was changed.
    static let notDone = ExitCode(2)
    static let ourFault = ExitCode(70)

    /// 100 + gRPC's number, so that a script tells "not found" from "unavailable".
    static func status(_ status: StatusCode) -> ExitCode { ExitCode(Int32(100 + status.rawValue)) }
}
