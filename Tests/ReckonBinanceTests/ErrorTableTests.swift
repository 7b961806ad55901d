import Foundation
import NIOHTTP1
import ReckonBinance
import ReckonEngine
import ReckonModel
import Testing

/// The handling classes of the venue's codes, as the documentation page letters them.
enum SheetClass: String, Sendable {
    case R
    case RM
    case ID
    case UNK
    case F

    init(_ outcome: OutcomeClass) {
        switch outcome {
        case .retryable: self = .R
        case .retryableWith: self = .RM
        case .idempotentSafe: self = .ID
        case .doubt: self = .UNK
        case .fatal: self = .F
        }
    }
}

/// A row of the published codes, copied from there and not from the table under test.
struct SheetRow: Sendable, CustomStringConvertible {
    let codes: [Int]
    let classes: [SheetClass]

    init(_ codes: [Int], _ classes: SheetClass...) {
        self.codes = codes
        self.classes = classes
    }

    var description: String { "\(codes)" }

    static let all: [SheetRow] = [
        SheetRow([-1000], .UNK), SheetRow([-1001], .R), SheetRow([-1002], .F), SheetRow([-1003], .R),
        SheetRow([-1004, -1005, -1011], .F), SheetRow([-1006], .UNK), SheetRow([-1007], .UNK),
        SheetRow([-1008], .R), SheetRow([-1010], .F), SheetRow([-1013, -1014], .RM, .F),
        SheetRow([-1015], .R),
        SheetRow([-1016], .R), SheetRow([-1020], .F), SheetRow([-1021], .RM), SheetRow([-1022], .F),
        SheetRow([-1023], .RM), SheetRow([-1099], .F),
        SheetRow([-1100, -1101, -1102, -1103, -1104, -1105, -1106], .RM, .F),
        SheetRow([-1108, -1109, -1110], .F), SheetRow([-1111], .RM), SheetRow([-1112], .R, .RM),
        SheetRow([-1113, -1114, -1115, -1116, -1117, -1118, -1119], .RM, .F),
        SheetRow([-1120, -1121, -1122], .F), SheetRow([-1125], .RM),
        SheetRow([-1126, -1127, -1128, -1130, -1136], .RM, .F), SheetRow([-2010], .F),
        SheetRow([-2011], .ID), SheetRow([-2012], .UNK), SheetRow([-2013], .ID, .UNK),
        SheetRow([-2014, -2015, -2017], .F), SheetRow([-2016], .F), SheetRow([-2018, -2019], .RM),
        SheetRow([-2020], .RM, .R), SheetRow([-2021], .RM), SheetRow([-2022], .ID), SheetRow([-2023], .F),
        SheetRow([-2024], .RM, .ID), SheetRow([-2025], .RM), SheetRow([-2026], .RM),
        SheetRow([-2027, -2028], .RM),
        SheetRow([-4000], .F), SheetRow([-4001, -4002, -4013, -4014, -4016, -4024], .RM),
        SheetRow([-4003, -4004, -4005, -4023], .RM), SheetRow([-4006, -4007], .RM), SheetRow([-4015], .RM),
        SheetRow([-4020, -4021, -4031, -4032], .RM), SheetRow([-4028], .RM), SheetRow([-4045], .RM),
        SheetRow([-4046, -4059, -4171, -4052], .ID), SheetRow([-4047, -4048, -4067, -4068, -4531], .F),
        SheetRow([-4049, -4050, -4051, -4053, -4054, -4055], .RM), SheetRow([-4060, -4061], .RM),
        SheetRow([-4062], .RM), SheetRow([-4082], .RM), SheetRow([-4083], .UNK),
        SheetRow([-4087, -4105, -4106, -4107, -4189, -4400, -4401, -4140], .RM),
        SheetRow([-4088, -4109, -4402, -4403], .F),
        SheetRow([-4202, -4203, -4204, -4205, -4206, -4207, -4208, -4209], .F), SheetRow([-4116], .ID),
        SheetRow([-4117], .UNK), SheetRow([-4118], .RM), SheetRow([-4120], .RM), SheetRow([-4130], .ID),
        SheetRow([-4131], .RM, .R), SheetRow([-4135, -4136, -4137, -4138, -4139], .RM),
        SheetRow([-4141, -4144], .F),
        SheetRow([-4142], .RM), SheetRow([-4161], .F), SheetRow([-4164], .RM), SheetRow([-4165], .RM),
        SheetRow([-4167, -4168, -4169, -4170, -4172], .F), SheetRow([-4183, -4184], .RM),
        SheetRow([-4192], .F),
        SheetRow([-4210, -4211], .RM), SheetRow([-4411], .F), SheetRow([-5000], .F),
        SheetRow([-5021, -5022], .RM),
        SheetRow([-5024, -5025, -5026], .F), SheetRow([-5027], .ID), SheetRow([-5028], .RM),
        SheetRow([-5029], .RM),
        SheetRow([-5037, -5038, -5039, -5040], .RM), SheetRow([-5041], .R, .RM), SheetRow([-5043], .R),
        SheetRow([-5047], .RM),
    ]
}

@Suite("Error table")
struct ErrorTableTests {
    static func refusal(_ code: Int, _ message: String = "words", kind: RequestKind = .change) -> VenueFailure
    {
        let body = #"{"code":\#(code),"msg":"\#(message)"}"#
        return ErrorMap.failure(
            of: RefusedAnswer(
                status: 400,
                headers: HTTPHeaders(),
                body: Data(body.utf8),
                receivedAt: VenueInstant(milliseconds: 1_700_000_000_000)
            ),
            kind: kind
        )
    }

    @Test("every published code is mapped to its class", arguments: SheetRow.all)
    func row(_ row: SheetRow) {
        for code in row.codes {
            let failure = ErrorTableTests.refusal(code)
            #expect(
                row.classes.contains(SheetClass(failure.outcome)),
                "code \(code) became \(failure.outcome)"
            )
            #expect(failure.code == code)
            #expect(failure.message == "words")
        }
    }

    @Test("the table and the published list name the same codes, each once")
    func sameCodes() {
        let table = ErrorTable.rows.flatMap(\.codes)
        #expect(table.count == Set(table).count)
        #expect(Set(table) == Set(SheetRow.all.flatMap(\.codes)))
    }

    @Test("what has to change, or is already so, is told exactly")
    func exact() {
        let rows: [(Int, OutcomeClass)] = [
            (-1021, .retryableWith(.resyncClock)), (-5028, .retryableWith(.resyncClock)),
            (-4120, .retryableWith(.algoEndpoint)), (-2021, .retryableWith(.wouldTrigger)),
            (-4142, .retryableWith(.wouldTrigger)), (-2019, .retryableWith(.smallerSize)),
            (-1111, .retryableWith(.reround)), (-4015, .retryableWith(.newID)),
            (-5021, .retryableWith(.reprice)), (-5022, .retryableWith(.reprice)),
            (-1125, .retryableWith(.renewListenKey)), (-4118, .retryableWith(.cancelConflicting)),
            (-4061, .retryableWith(.rereadMode)), (-4400, .retryableWith(.reduceOnly)),
            (-2011, .idempotentSafe(.unknownOrder)), (-2013, .idempotentSafe(.noSuchOrder)),
            (-4116, .idempotentSafe(.duplicateID)), (-4130, .idempotentSafe(.protectionExists)),
            (-2022, .idempotentSafe(.reduceOnlyRejected)), (-4046, .idempotentSafe(.alreadySet)),
            (-5027, .idempotentSafe(.sameOrder)),
        ]
        for (code, outcome) in rows {
            #expect(ErrorTableTests.refusal(code).outcome == outcome, "\(code)")
        }
    }

    @Test("texts tell apart what one code stands for")
    func texts() {
        let flag = "Parameter 'reduceonly' sent when not required."
        #expect(ErrorTableTests.refusal(-1106, flag).outcome == .retryableWith(.rereadMode))
        let force = "Parameter 'timeinforce' sent when not required."
        #expect(ErrorTableTests.refusal(-1106, force).outcome == .retryableWith(.dropFlag))
        let id = "Illegal characters found in parameter 'newClientOrderId'."
        #expect(ErrorTableTests.refusal(-1100, id).outcome == .retryableWith(.newID))
        #expect(ErrorTableTests.refusal(-1100, "Illegal characters found in 'symbol'").outcome == .fatal)
    }

    @Test("an unknown code leaves a change in doubt, and lets a read be asked again")
    func unknownCode() {
        for code in [-1, -999, -3000, -4999, -9999, 0, 7] {
            #expect(ErrorTableTests.refusal(code, kind: .change).outcome == .doubt)
            #expect(ErrorTableTests.refusal(code, kind: .read).outcome == .retryable)
        }
    }
}
