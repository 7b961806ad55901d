import ReckonModel
import ReckonVenue
import Testing

private let secret = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9"

/// A known request with its known signature.
struct SignatureVector: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let query: String
    let body: String
    let digest: String
}

private let vectors: [SignatureVector] = [
    SignatureVector(
        testDescription: "V1 all in the query",
        query: "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC&recvWindow=5000"
            + "&timestamp=1591702613943",
        body: "",
        digest: "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9"
    ),
    SignatureVector(
        testDescription: "V2 another order of parameters",
        query: "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=9000&recvWindow=5000"
            + "&timestamp=1591702613943",
        body: "",
        digest: "ec11dcc17e67e47f0d3c3f513dfe9062307e37619c5c82ebaa8fe0bdf3d59519"
    ),
    SignatureVector(
        testDescription: "V3 a stray space",
        query: "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC",
        body: "quantity=1&price=9000&recvWindow=5000&timestamp= 1591702613943",
        digest: "f9d0ae5e813ef6ccf15c2b5a434047a0181cb5a342b903b367ca6d27a66e36f2"
    ),
    SignatureVector(
        testDescription: "V4 query and body without a separator",
        query: "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC",
        body: "quantity=1&price=9000&recvWindow=5000&timestamp=1591702613943",
        digest: "30baaf0fab549bbeda7f5ef201898b34122da25fd23c646cac2c529aebe670a4"
    ),
    SignatureVector(
        testDescription: "V5 a percent-encoded symbol",
        query: "symbol=%E6%B5%8B%E8%AF%95USDT&side=BUY&type=MARKET&quantity=1&timestamp=1591702613943",
        body: "",
        digest: "221eaf10288183d886183225a23c799512ab6f0aa6bc7459433340b57ed7566a"
    ),
    SignatureVector(
        testDescription: "V6 encoded JSON",
        query: "batchOrders=%5B%7B%22type%22%3A%22LIMIT%22%2C%22symbol%22%3A%22BTCUSDT%22%7D%5D"
            + "&timestamp=1591702613943",
        body: "",
        digest: "7d64b42a1dbba9d53b9aeba9be0f52da4d1e9f2f351df5269a866cfbf3842dbc"
    ),
]

@Suite("Signatures") struct SignatureTests {
    @Test("the known vectors verify, wherever the signature stands and in either case", arguments: vectors)
    func known(_ row: SignatureVector) {
        #expect(Signature.digest(of: row.query + row.body, secret: secret) == row.digest)
        let last = row.query + "&signature=" + row.digest
        let first = "signature=\(row.digest)&" + row.query
        #expect(Signature.verify(row.digest, query: last, body: row.body, secret: secret))
        #expect(Signature.verify(row.digest.uppercased(), query: first, body: row.body, secret: secret))
        if !row.body.isEmpty {
            let body = row.body + "&signature=" + row.digest
            #expect(Signature.verify(row.digest, query: row.query, body: body, secret: secret))
        }
    }

    @Test("any other byte, secret or digest doesn't verify", arguments: vectors)
    func altered(_ row: SignatureVector) {
        let altered = row.query.replacing("BTC", with: "ETH") + "&x=1"
        #expect(!Signature.verify(row.digest, query: altered, body: row.body, secret: secret))
        #expect(!Signature.verify(row.digest, query: row.query, body: row.body, secret: secret + "0"))
        #expect(
            !Signature.verify(String(row.digest.dropLast()), query: row.query, body: row.body, secret: secret)
        )
        #expect(!Signature.verify("", query: row.query, body: row.body, secret: secret))
    }

    @Test("a signature made before percent-encoding is accepted")
    func decoded() {
        let digest = Signature.digest(of: "orderIdList=[1, 2]&timestamp=1", secret: secret)
        #expect(
            Signature.verify(
                digest,
                query: "orderIdList=%5B1%2C%202%5D&timestamp=1",
                body: "",
                secret: secret
            )
        )
    }

    @Test("a request is refused by key, time and signature, in the venue's words")
    func refused() async throws {
        try await withVenue { venue in
            let now = venue.clock.now.milliseconds
            func signed(_ payload: String) -> String {
                "/fapi/v3/balance?\(payload)&signature=" + Signature.digest(of: payload, secret: "reckon")
            }
            let cases: [(target: String, key: String?, status: Int, code: String)] = [
                (signed("timestamp=\(now)"), nil, 401, "-2014"),
                (signed("timestamp=\(now)"), "other", 401, "-2015"),
                (signed("recvWindow=5000"), "reckon", 400, "-1102"),
                (signed("timestamp=soon"), "reckon", 400, "-1102"),
                ("/fapi/v3/balance?timestamp=\(now)", "reckon", 400, "-1102"),
                (signed("timestamp=\(now - 5_001)"), "reckon", 400, "-1021"),
                (signed("timestamp=\(now + 1_000)"), "reckon", 400, "-1021"),
                (signed("timestamp=\(now - 501)&recvWindow=500"), "reckon", 400, "-1021"),
                (signed("timestamp=\(now)&recvWindow=60001"), "reckon", 400, "-1130"),
                (signed("timestamp=\(now)") + "0", "reckon", 400, "-1022"),
                (signed("timestamp=\(now)") + "&more=1", "reckon", 400, "-1022"),
            ]
            for row in cases {
                let answer = try await venue.send("GET", row.target, key: row.key)
                #expect(
                    answer.status == row.status && answer.code == row.code,
                    "\(row.target): \(answer.body)"
                )
            }
            for payload in ["timestamp=\(now - 5_000)", "timestamp=\(now + 999)"] {
                #expect(try await venue.send("GET", signed(payload)).status == 200)
            }
        }
    }
}
