package import ReckonEngine
package import ReckonModel

/// Why we must not start on this account.
package enum AccessProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// The venue does not know the key, or not from here, or the signature is wrong.
    case credentials(VenueFailure)
    /// The account's mode is not the one that the configured symbols need.
    case positionMode(found: PositionMode, allowed: PositionMode)
    /// An account is in one mode, so its symbols all have legs or none has.
    case mixedSymbols(Symbol, leg: Symbol)
    /// Whether the key is good could not be found out.
    case unreachable(VenueFailure)

    package var description: String {
        switch self {
        case .credentials(let failure):
            "the venue refuses the API key (code \(failure.code)): check key, secret and allowed addresses"
        case .positionMode(let found, let allowed):
            "the account's position mode does not fit the configured symbols: found \(found.rawValue) "
                + "(dualSidePosition \(found == .hedged)), allowed \(allowed.rawValue) "
                + "(dualSidePosition \(allowed == .hedged)); "
                + "switch the account while it has neither positions nor orders, or configure "
                + (found == .hedged ? "legs such as BTCUSDT/LONG and BTCUSDT/SHORT" : "symbols without legs")
        case .mixedSymbols(let plain, let leg):
            "symbols: found \(plain) beside \(leg), allowed all with a leg (hedge mode) or none (one-way mode)"
        case .unreachable(let failure):
            "access could not be verified (code \(failure.code)): \(failure.message)"
        }
    }
}

extension BinanceClient {
    /// One signed read: are the credentials good, and is the account in the mode that the symbols need? Measure the clock
    /// first.
    package func verifyAccess(for symbols: [Symbol] = []) async -> Result<Void, AccessProblem> {
        if let leg = symbols.first(where: { $0.leg != nil }),
            let plain = symbols.first(where: { $0.leg == nil })
        {
            return .failure(.mixedSymbols(plain, leg: leg))
        }
        let allowed = configuration.mode
        let mode = await ask(Call(.positionMode, .read), as: PositionModeRow.self) { $0.dualSidePosition }
        switch mode {
        case .success(let isHedged):
            let found: PositionMode = isHedged ? .hedged : .oneWay
            return found == allowed ? .success(()) : .failure(.positionMode(found: found, allowed: allowed))
        case .failure(let failure):
            let bad = [-1002, -1022, -2014, -2015, -2017, 401]
            return .failure(bad.contains(failure.code) ? .credentials(failure) : .unreachable(failure))
        }
    }

    /// The leverage and margin mode of every symbol, or of some; both legs have their instrument's.
    package func symbolSettings(
        _ symbols: [Symbol]? = nil
    ) async -> Result<[SymbolSettings], VenueFailure> {
        await ask(Call(.symbolSettings, .read), as: [SettingsRow].self) { rows in
            let all = try rows.map { try $0.settings() }
            guard let symbols else { return all }
            return symbols.compactMap { symbol in
                all.first { $0.symbol == symbol.instrument }.map { $0.named(symbol) }
            }
        }
    }

    /// Opens a user stream, or extends the one that is open, and gives its key.
    package func openListenKey() async -> Result<ListenKey, VenueFailure> {
        await ask(Call(.openListenKey, .change), as: ListenKeyRow.self) { try $0.checked() }
    }

    /// Extends the active listen key by an hour.
    ///
    /// An answer that it is gone is `.retryableWith(.renewListenKey)`.
    package func keepListenKeyAlive() async -> Result<Void, VenueFailure> {
        await ask(Call(.renewListenKey, .change), as: Ignored.self) { _ in }
    }

    /// Ends the active listen key, and with it every user stream of the account.
    package func closeListenKey() async -> Result<Void, VenueFailure> {
        await ask(Call(.closeListenKey, .change), as: Ignored.self) { _ in }
    }
}

/// Any JSON object will do.
private struct Ignored: Decodable, Sendable {}
