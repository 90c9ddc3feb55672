import Testing

@testable import SchedulerService

@Suite struct CronExpressionTests {
    @Test func `a star stands for every value and a list for its own`() throws {
        let cron = try #require(CronExpression("0,30 6-8 * * mon-fri"))
        #expect(cron.minutes == [0, 30])
        #expect(cron.hours == [6, 7, 8])
        #expect(cron.daysOfMonth == Set(1...31))
        #expect(cron.months == Set(1...12))
        #expect(cron.daysOfWeek == [1, 2, 3, 4, 5])
    }

    @Test(arguments: [
        ("*/15 * * * *", Set([0, 15, 30, 45])), ("10-30/10 * * * *", Set([10, 20, 30])),
        ("5/20 * * * *", Set([5, 25, 45])),
        ("59 * * * *", Set([59])),
    ])
    func `a step counts from the start of its range`(text: String, minutes: Set<Int>) throws {
        #expect(try #require(CronExpression(text)).minutes == minutes)
    }

    @Test func `0 and 7 are both Sunday`() throws {
        #expect(try #require(CronExpression("0 0 * * 7")).daysOfWeek == [0])
        #expect(try #require(CronExpression("0 0 * * sun")).daysOfWeek == [0])
        #expect(try #require(CronExpression("0 0 * * 5-7")).daysOfWeek == [5, 6, 0])
    }

    @Test func `when both day fields are restricted a day that fits either counts`() throws {
        let cron = try #require(CronExpression("0 0 13 * fri"))
        #expect(cron.includes(dayOfMonth: 13, month: 1, dayOfWeek: 2))
        #expect(cron.includes(dayOfMonth: 2, month: 1, dayOfWeek: 5))
        #expect(!cron.includes(dayOfMonth: 2, month: 1, dayOfWeek: 2))
    }

    @Test(arguments: [
        "", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *", "* * * 13 *", "* * * * 8",
        "-1 * * * *", "+5 * * * *", "5- * * * *", "30-10 * * * *", "*/0 * * * *", "1,,2 * * * *", "a * * * *",
        "* * * * funday", "0 0 31 2 *", "0 0 30,31 feb *", "1/2/3 * * * *", "100 * * * *", "@daily",
    ])
    func `what is no cron expression, or never comes, is refused`(text: String) {
        #expect(CronExpression(text) == nil)
    }
}
