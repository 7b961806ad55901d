package import ReckonEngine
package import ReckonModel

/// Why we must not start on this account.
package enum AccessProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// The venue does not know the key, or not from here, or the signature is wrong.
    case credentials(VenueFailure)
    /// The account holds two positions a symbol; only one-way mode is understood.
    case hedgeMode
    /// Whether the key is good could not be found out.
    case unreachable(VenueFailure)

    package var description: String {
        switch self {
        case .credentials(let failure):
            "the venue refuses the API key (code \(failure.code)): check key, secret and allowed addresses"
        case .hedgeMode:
            "the account is in hedge mode (dualSidePosition): found true, allowed false; switch to one-way mode"
        case .unreachable(let failure):
            "access could not be verified (code \(failure.code)): \(failure.message)"
        }
    }
}

extension BinanceClient {
    /// One signed read: are the credentials good, and is the account in one-way mode? Measure the clock
    /// first.
    package func verifyAccess() async -> Result<Void, AccessProblem> {
        let mode = await ask(Call(.positionMode, .read), as: PositionModeRow.self) { $0.dualSidePosition }
        switch mode {
        case .success(false): return .success(())
        case .success(true): return .failure(.hedgeMode)
        case .failure(let failure):
            let bad = [-1002, -1022, -2014, -2015, -2017, 401]
            return .failure(bad.contains(failure.code) ? .credentials(failure) : .unreachable(failure))
        }
    }

    /// The leverage and margin mode of every symbol.
    package func symbolSettings() async -> Result<[SymbolSettings], VenueFailure> {
        await ask(Call(.symbolSettings, .read), as: [SettingsRow].self) { rows in
            try rows.map { try $0.settings() }
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
