import ReckonModel

/// Writes Lua programs that compile more often than not and stop at nothing: a policy around random statements.
struct RandomProgram {
    private var dice: Dice
    private var locals = ["belief", "state", "context", "k"]
    private var left = 60

    init(seed: UInt64) { dice = Dice(seed: seed) }

    private mutating func pick(_ texts: [String]) -> String {
        texts[Int(dice.roll(below: UInt64(texts.count)))]
    }

    private static let constants = [
        "0", "1", "-1", "2.5", "1e308", "-0.0", "0/0", "1/0", "math.maxinteger", "math.mininteger", "32767",
        "65535", "0x7fffffff", "\"\"", "\"a\"", "\"\\0\"", "\"\\0\\0\\255\"", "\"12\"", "\"0x10\"", "\"%d\"",
        "\"%99.99f\"", "\"%5s\"", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"",
        "true", "false",
        "nil", "{}", "{ 1, 2, 3 }", "{ a = 1, [3] = 2, [-1] = 4 }", "...",
    ]

    private static let functions = [
        "tostring", "tonumber", "type", "select", "ipairs", "pairs", "assert", "error", "log",
        "string.format",
        "string.sub", "string.byte", "string.upper", "string.lower", "string.len", "table.concat",
        "table.insert",
        "table.sort", "table.unpack", "math.max", "math.min", "math.floor", "math.ceil", "math.abs",
        "math.fmod",
        "math.modf", "math.tointeger", "math.type", "math.ult", "math.sqrt", "math.exp", "math.log",
        "require",
    ]
    private static let fields = [
        "debt_sec", "symbols", "evidence", "params", "limits", "max_notional_usdt", "n", "mode",
        "last_enforced", "x",
    ]
    private static let operators = [
        "+", "-", "*", "/", "//", "%", "..", "<", "<=", "==", "~=", "and", "or", "&", "|", "~", "<<", ">>",
    ]

    /// Anything; mostly of a kind that what stands around it can use, or no program would get far.
    private mutating func expression(_ depth: Int) -> String {
        guard dice.chance(1, in: 12) else {
            switch dice.roll(below: 5) {
            case 0, 1, 2: return number(depth)
            case 3: return text(depth)
            default:
                return
                    "{ \(number(depth - 1)), \(text(depth - 1)), \(pick(Self.fields)) = \(number(depth - 1)) }"
            }
        }
        return wild(depth)
    }

    private mutating func number(_ depth: Int) -> String {
        guard depth > 0 else {
            return pick(["0", "1", "-3", "2.5", "belief.debt_sec", "context.now", "1e308", "65535"])
        }
        switch dice.roll(below: 7) {
        case 0: return "(\(number(depth - 1)) \(pick(["+", "-", "*", "/"])) \(number(depth - 1)))"
        case 1:
            return
                "\(pick(["math.max", "math.min", "math.fmod", "math.abs"]))(\(number(depth - 1)), \(number(0)))"
        case 2: return "#\(text(depth - 1))"
        case 3: return "math.floor(\(number(0)))"
        case 4: return "(tonumber(\(text(depth - 1))) or \(number(0)))"
        case 5: return "select(\"#\", \(arguments(depth - 1)))"
        default: return number(0)
        }
    }

    private mutating func text(_ depth: Int) -> String {
        guard depth > 0 else {
            return pick(["\"\"", "\"a\"", "\"\\0\\255\"", "\"12\"", "(belief.symbols[1] and \"x\" or \"y\")"])
        }
        switch dice.roll(below: 6) {
        case 0: return "(\(text(depth - 1)) .. \(text(depth - 1)))"
        case 1: return "tostring(\(number(depth - 1)))"
        case 2: return "string.sub(\(text(depth - 1)), \(dice.roll(in: -3...3)), \(dice.roll(in: -3...9)))"
        case 3:
            return
                "string.format(\"%s %5.2f %d\", \(text(depth - 1)), \(number(depth - 1)), \(dice.roll(in: -9...9)))"
        case 4: return "table.concat({ \(text(depth - 1)), \(number(0)) }, \(text(0)))"
        default: return "string.upper(\(text(depth - 1)))"
        }
    }

    private mutating func wild(_ depth: Int) -> String {
        guard depth > 0 else { return dice.chance(1, in: 2) ? pick(locals) : pick(Self.constants) }
        switch dice.roll(below: 10) {
        case 0, 1: return pick(locals)
        case 2: return pick(Self.constants)
        case 3: return "\(pick(locals)).\(pick(Self.fields))"
        case 4: return "(\(expression(depth - 1)) \(pick(Self.operators)) \(expression(depth - 1)))"
        case 5: return "\(pick(["-", "not ", "#", "~"]))(\(expression(depth - 1)))"
        case 6: return "{ \(arguments(depth - 1)), \(pick(Self.fields)) = \(expression(depth - 1)) }"
        case 7: return "function(...) return \(arguments(depth - 1)) end"
        default: return "\(pick(Self.functions))(\(arguments(depth - 1)))"
        }
    }

    private mutating func arguments(_ depth: Int) -> String {
        (0...dice.roll(below: 3)).map { _ in expression(depth) }.joined(separator: ", ")
    }

    private mutating func block(_ depth: Int) -> String {
        let kept = locals
        defer { locals = kept }
        return (0...dice.roll(below: 4)).map { _ in statement(depth) }.joined(separator: " ")
    }

    private mutating func statement(_ depth: Int) -> String {
        left -= 1
        guard depth > 0, left > 0 else { return "local _ = \(expression(1))" }
        switch dice.roll(below: 12) {
        case 0, 1:
            let text = "local v\(locals.count) = \(expression(3))"
            locals.append("v\(locals.count)")
            return text
        case 2: return dice.chance(1, in: 6) ? "\(pick(locals)) = \(wild(3))" : "log(\(text(2)))"
        case 3: return "\(pick(["state", "belief", "context"])).\(pick(Self.fields)) = \(expression(2))"
        case 4: return "state[\(dice.chance(1, in: 2) ? number(1) : text(1))] = \(expression(2))"
        case 5: return "if \(expression(2)) then \(block(depth - 1)) else \(block(depth - 1)) end"
        case 6: return loop("for i = \(number(0)), \(number(1))", "i", depth)
        case 7: return loop("for i = 1, \(dice.roll(in: 1...3000))", "i", depth)
        case 8:
            return loop(
                "for key, item in \(pick(["pairs", "ipairs"]))(\(pick(["state", "belief", "k", "belief.symbols", "{ 3, 1, x = 2 }"])))",
                "key",
                depth
            )
        case 9: return loop("while \(dice.chance(1, in: 8) ? wild(1) : "#k == 1")", "k", depth)
        case 10: return "local function f(...) local k = k \(block(depth - 1)) return \(expression(1)) end"
        default: return "do local _ = \(pick(Self.functions))(\(arguments(2))) end"
        }
    }

    private mutating func loop(_ head: String, _ name: String, _ depth: Int) -> String {
        let kept = locals
        defer { locals = kept }
        locals.append(name)
        return "\(head) do \(block(depth - 1)) \(dice.chance(1, in: 3) ? "if k then break end" : "") end"
    }

    mutating func source() -> String {
        """
        local function knobs()
          return { mode = "GREEN", allow_entries = true, max_notional_usdt = 1000, max_leverage = 5,
            min_entry_conf = 0.5, entry_cooldown_seconds = 8, max_open_orders_per_symbol = 2, kill_switch_trip = false }
        end
        return { api = 1, name = "random",
          initial_state = function(...) return { n = 1 } end,
          evaluate = function(belief, state, context, ...)
            local k = knobs()
            \(block(4))
            k = type(k) == "table" and k or knobs()
            \(dice.chance(1, in: 2) ? "k.\(pick(Self.fields)) = \(expression(2))" : "")
            do return k, \(pick(["state", "{ x = \(expression(2)) }", expression(2)])) end
          end,
        }
        """
    }
}

/// Changes bytes of a script here and there, or grafts a piece of another onto it.
struct Mutation {
    private var dice: Dice

    init(seed: UInt64) { dice = Dice(seed: seed) }

    private static let tokens = [
        "end", "do", "(", ")", "{", "}", "[", "]", "..", "==", "\"", "--[[", "]]", "[==[", "\\", "0", "1e999",
        "0x", "#",
        "::a::", "goto a", "return", "break", "local x <close> = ", "local x <const> = ", "_ENV", "...",
        "nil", "\r", "\0",
        "\u{FEFF}", "and", "<", "function()", "require", "\\z", "\\u{7FFFFFFF}", "~", "//",
    ]

    private mutating func place(in bytes: [UInt8]) -> Int { Int(dice.roll(below: UInt64(bytes.count + 1))) }

    mutating func changed(_ bytes: [UInt8], graft other: [UInt8]) -> [UInt8] {
        // Long scripts are long by repetition; what matters fits into the front.
        var bytes = Array(bytes.prefix(8000))
        for _ in 0..<dice.roll(in: 1...6) {
            let at = place(in: bytes)
            let reach = min(bytes.count, at + Int(dice.roll(below: 12)))
            switch dice.roll(below: 6) {
            case 0: bytes.removeSubrange(at..<reach)
            case 1: bytes.insert(contentsOf: bytes[at..<reach], at: place(in: bytes))
            case 2: bytes.insert(UInt8(truncatingIfNeeded: dice.next()), at: at)
            case 3:
                let from = place(in: other)
                bytes.insert(contentsOf: other[from..<min(other.count, from + 60)], at: at)
            case 4 where at < bytes.count: bytes[at] ^= 1 << UInt8(dice.roll(below: 8))
            default:
                bytes.insert(
                    contentsOf: Self.tokens[Int(dice.roll(below: UInt64(Self.tokens.count)))].utf8,
                    at: at
                )
            }
        }
        return bytes
    }
}
