import Foundation
import Glibc

/// Processor time and memory, of this process and of another.
enum ProcessUsage {
    /// Seconds in user and kernel mode, all threads.
    static func ownSeconds() -> Double {
        var usage = rusage()
        getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    /// The same of another process, to the nanosecond; /proc/PID/stat counts in hundredths of a second.
    static func seconds(of process: pid_t) -> Double {
        var clock = clockid_t()
        var time = timespec()
        guard clock_getcpuclockid(process, &clock) == 0, clock_gettime(clock, &time) == 0 else {
            fail("the server \(process) is gone")
        }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    static func residentKilobytes(of process: pid_t) -> Double {
        let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        guard let number = line?.split(separator: " ").dropFirst().first.flatMap({ Double($0) }) else {
            fail("the server \(process) is gone")
        }
        return number
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
}
