package import ReckonEngine

/// One row of what the venue's codes mean.
package struct ErrorRow: Sendable {
    package let codes: [Int]
    package let outcome: OutcomeClass

    fileprivate init(_ codes: Int..., means outcome: OutcomeClass) {
        self.codes = codes
        self.outcome = outcome
    }
}

/// What each code means on its own; texts and HTTP statuses can say otherwise (see `ErrorMap`).
///
/// Source: docs/venue-binance.md, Error codes. Pinned row by row by `ErrorTableTests`. Where they leave a choice, the row
/// takes the reading after which nothing is sent twice and no reduce-only flag is dropped for want of knowing
/// the mode.
package enum ErrorTable {
    package static func outcome(of code: Int) -> OutcomeClass? {
        for row in rows where row.codes.contains(code) { return row.outcome }
        return nil
    }

    package static let rows: [ErrorRow] = general + placing + filters + account + amending

    private static let general = [
        ErrorRow(-1000, -1006, -1007, means: .doubt),
        ErrorRow(-1001, -1003, -1008, -1015, -1016, means: .retryable),
        ErrorRow(-1002, -1004, -1005, -1011, means: .fatal),
        ErrorRow(-1010, -1013, -1014, -1020, means: .fatal),
        ErrorRow(-1021, -1023, -5028, means: .retryableWith(.resyncClock)),
        ErrorRow(-1022, -1099, means: .fatal),
        // Request shapes that only a change of our code can mend. Flags and ids are told apart by their text.
        ErrorRow(-1100, -1101, -1102, -1103, -1104, -1105, means: .fatal),
        ErrorRow(-1106, means: .retryableWith(.dropFlag)),
        ErrorRow(-1108, -1109, -1110, means: .fatal),
        ErrorRow(-1111, means: .retryableWith(.reround)),
        ErrorRow(-1112, means: .retryable),
        ErrorRow(-1113, -1114, -1115, -1116, -1117, -1118, -1119, means: .fatal),
        ErrorRow(-1120, -1121, -1122, means: .fatal),
        ErrorRow(-1125, means: .retryableWith(.renewListenKey)),
        ErrorRow(-1126, -1127, -1128, -1130, -1136, means: .fatal),
        ErrorRow(-5000, means: .fatal),
    ]

    private static let placing = [
        ErrorRow(-2010, means: .fatal),
        ErrorRow(-2011, means: .idempotentSafe(.unknownOrder)),
        ErrorRow(-2012, means: .doubt),
        ErrorRow(-2013, means: .idempotentSafe(.noSuchOrder)),
        ErrorRow(-2014, -2015, -2016, -2017, means: .fatal),
        ErrorRow(-2018, -2019, -2024, means: .retryableWith(.smallerSize)),
        ErrorRow(-2020, means: .retryable),
        ErrorRow(-2021, -4142, means: .retryableWith(.wouldTrigger)),
        ErrorRow(-2022, means: .idempotentSafe(.reduceOnlyRejected)),
        ErrorRow(-2023, means: .fatal),
        ErrorRow(-2025, means: .retryableWith(.cancelConflicting)),
        ErrorRow(-2026, means: .retryableWith(.dropFlag)),
        ErrorRow(-2027, -2028, means: .retryableWith(.smallerSize)),
        ErrorRow(-4116, means: .idempotentSafe(.duplicateID)),
        ErrorRow(-4117, means: .doubt),
        ErrorRow(-4118, means: .retryableWith(.cancelConflicting)),
        ErrorRow(-4120, means: .retryableWith(.algoEndpoint)),
        ErrorRow(-4130, means: .idempotentSafe(.protectionExists)),
        ErrorRow(-4131, means: .retryableWith(.smallerSize)),
        ErrorRow(-5021, -5022, means: .retryableWith(.reprice)),
    ]

    private static let filters = [
        ErrorRow(-4000, means: .fatal),
        ErrorRow(-4001, -4002, -4006, -4007, -4013, -4016, -4024, means: .retryableWith(.reprice)),
        ErrorRow(-4003, -4004, -4014, -4023, -4164, means: .retryableWith(.reround)),
        ErrorRow(-4005, means: .retryableWith(.smallerSize)),
        ErrorRow(-4015, means: .retryableWith(.newID)),
        ErrorRow(-4020, -4031, means: .retryableWith(.dropFlag)),
        ErrorRow(-4021, -4028, -4032, -4165, means: .retryableWith(.smallerSize)),
        ErrorRow(-4045, means: .retryableWith(.cancelConflicting)),
        ErrorRow(-4082, means: .retryableWith(.smallerSize)),
        ErrorRow(-4083, means: .doubt),
        ErrorRow(-4135, -4136, -4137, -4138, -4139, means: .retryableWith(.dropFlag)),
        ErrorRow(-4141, -4144, means: .fatal),
        ErrorRow(-4183, -4184, -4210, -4211, means: .retryableWith(.reprice)),
    ]

    private static let account = [
        ErrorRow(-4046, -4052, -4059, -4171, means: .idempotentSafe(.alreadySet)),
        ErrorRow(-4047, -4048, -4067, -4068, -4531, means: .fatal),
        ErrorRow(-4050, -4051, -4055, means: .retryableWith(.smallerSize)),
        ErrorRow(-4049, -4053, -4054, -4060, -4061, -4062, means: .retryableWith(.rereadMode)),
        ErrorRow(-4087, -4105, -4106, -4107, means: .retryableWith(.reduceOnly)),
        ErrorRow(-4140, -4189, -4400, -4401, means: .retryableWith(.reduceOnly)),
        ErrorRow(-4088, -4109, -4402, -4403, means: .fatal),
        ErrorRow(-4161, means: .fatal),
        ErrorRow(-4167, -4168, -4169, -4170, -4172, means: .fatal),
        ErrorRow(-4192, -4411, means: .fatal),
        ErrorRow(-4202, -4203, -4204, -4205, -4206, -4207, -4208, -4209, means: .fatal),
    ]

    private static let amending = [
        ErrorRow(-5024, -5025, -5026, means: .fatal),
        ErrorRow(-5027, means: .idempotentSafe(.sameOrder)),
        ErrorRow(-5029, means: .retryableWith(.reround)),
        ErrorRow(-5037, -5038, -5039, -5040, -5047, means: .retryableWith(.dropFlag)),
        ErrorRow(-5041, -5043, means: .retryable),
    ]
}
