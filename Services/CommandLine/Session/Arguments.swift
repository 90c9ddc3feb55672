public import ArgumentParser
public import BillingAPI
public import CoreTypes
public import NotifierAPI
public import SandboxAPI
public import SchedulerAPI

// Values of the services' own types, as arguments of commands.

extension Language: ExpressibleByArgument {}
extension Module: ExpressibleByArgument {}
extension SystemKind: ExpressibleByArgument {}
extension Reading.Paging: ExpressibleByArgument {}
extension MessageState: ExpressibleByArgument {}
extension FaultKind: ExpressibleByArgument {}

extension CalendarDay: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension BillingMonth: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
