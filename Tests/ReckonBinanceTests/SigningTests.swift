import ReckonBinance
import Testing

@Suite("Signing")
struct SigningTests {
    /// The venue's own published key pair.
    static let apiKey = "dbefbc809e3e83c283a984c3a1459732ea7db1360ca80c5c2c8867408d28cc83"
    static let secret = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9"

    struct Vector: Sendable {
        let name: String
        let query: String
        let body: String
        let digest: String

        init(_ name: String, query: String, body: String = "", digest: String) {
            self.name = name
            self.query = query
            self.body = body
            self.digest = digest
        }
    }

    static let vectors = [
        Vector(
            "V1",
            query: "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC"
                + "&recvWindow=5000&timestamp=1591702613943",
            digest: "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9"
        ),
        Vector(
            "V2",
            query: "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=9000"
                + "&recvWindow=5000&timestamp=1591702613943",
            digest: "ec11dcc17e67e47f0d3c3f513dfe9062307e37619c5c82ebaa8fe0bdf3d59519"
        ),
        Vector(
            "V3",
            query: "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC",
            body: "quantity=1&price=9000&recvWindow=5000&timestamp= 1591702613943",
            digest: "f9d0ae5e813ef6ccf15c2b5a434047a0181cb5a342b903b367ca6d27a66e36f2"
        ),
        Vector(
            "V4",
            query: "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC",
            body: "quantity=1&price=9000&recvWindow=5000&timestamp=1591702613943",
            digest: "30baaf0fab549bbeda7f5ef201898b34122da25fd23c646cac2c529aebe670a4"
        ),
    ]

    @Test("published and computed digests come out", arguments: vectors)
    func digests(_ vector: Vector) throws {
        let credentials = try BinanceCredentials(apiKey: SigningTests.apiKey, secret: SigningTests.secret)
        #expect(credentials.signature(query: vector.query, body: vector.body) == vector.digest)
        #expect(credentials.signature(query: vector.query + "0", body: vector.body) != vector.digest)
    }

    @Test("a symbol beyond ASCII is percent-encoded before it is signed (V5)")
    func beyondASCII() throws {
        var parameters = Parameters()
        parameters.add("symbol", "测试USDT")
        parameters.add("side", "BUY")
        parameters.add("type", "MARKET")
        parameters.add("quantity", "1")
        parameters.add("timestamp", "1591702613943")
        let expected = "symbol=%E6%B5%8B%E8%AF%95USDT&side=BUY&type=MARKET&quantity=1&timestamp=1591702613943"
        #expect(parameters.encoded == expected)
        let credentials = try BinanceCredentials(apiKey: SigningTests.apiKey, secret: SigningTests.secret)
        let digest = "221eaf10288183d886183225a23c799512ab6f0aa6bc7459433340b57ed7566a"
        #expect(credentials.signature(query: parameters.encoded) == digest)
    }

    @Test("JSON in a parameter is percent-encoded before it is signed (V6)")
    func json() throws {
        var parameters = Parameters()
        parameters.add("batchOrders", #"[{"type":"LIMIT","symbol":"BTCUSDT"}]"#)
        parameters.add("timestamp", "1591702613943")
        let credentials = try BinanceCredentials(apiKey: SigningTests.apiKey, secret: SigningTests.secret)
        let digest = "7d64b42a1dbba9d53b9aeba9be0f52da4d1e9f2f351df5269a866cfbf3842dbc"
        #expect(credentials.signature(query: parameters.encoded) == digest)
    }

    @Test("only unreserved characters stay as they are")
    func encoding() {
        #expect(Parameters.percentEncoded("azAZ09-._~") == "azAZ09-._~")
        #expect(Parameters.percentEncoded("a b&c=d+e/f:%\n") == "a%20b%26c%3Dd%2Be%2Ff%3A%25%0A")
    }

    @Test("no way of printing credentials shows the secret, or the whole key")
    func printing() throws {
        let credentials = try BinanceCredentials(apiKey: SigningTests.apiKey, secret: SigningTests.secret)
        var dumped = ""
        dump(credentials, to: &dumped)
        let configuration = try BinanceConfiguration(url: "http://127.0.0.1:1", credentials: credentials)
        dump(configuration, to: &dumped)
        let texts = [
            "\(credentials)", String(reflecting: credentials), String(describing: credentials), dumped,
            "\(configuration)", String(reflecting: configuration), "\(ListenKey(SigningTests.secret))",
            String(reflecting: ListenKey(SigningTests.secret)),
        ]
        for text in texts {
            #expect(!text.contains(SigningTests.secret))
            #expect(!text.contains(SigningTests.secret.prefix(12)))
            #expect(!text.contains(SigningTests.apiKey))
        }
    }

    @Test("white space round credentials is dropped, within them refused without repeating them")
    func whiteSpace() throws {
        let clean = try BinanceCredentials(apiKey: "key", secret: "secret")
        let spaced = try BinanceCredentials(apiKey: " key\n", secret: "secret\r\n")
        #expect(spaced.apiKey == "key")
        #expect(clean.signature(query: "a=b") == spaced.signature(query: "a=b"))
        for bad in ["", "  \n", "sec ret", "sécret", "sec\nret"] {
            let problem = #expect(throws: BinanceMisconfiguration.self) {
                try BinanceCredentials(apiKey: "key", secret: bad)
            }
            #expect(problem?.key == "venue.api_secret")
            #expect(bad.count < 3 || problem?.description.contains(bad) == false)
        }
    }
}

@Suite("Configuration")
struct ConfigurationTests {
    @Test("streams lie beside a plain venue, and on their own host in production and demo")
    func streams() throws {
        let credentials = try BinanceCredentials(apiKey: "key", secret: "secret")
        let cases = [
            ("http://127.0.0.1:8080", "ws://127.0.0.1:8080/private", "ws://127.0.0.1:8080/market"),
            ("http://127.0.0.1:8080/", "ws://127.0.0.1:8080/private", "ws://127.0.0.1:8080/market"),
            ("https://venue.example", "wss://venue.example/private", "wss://venue.example/market"),
            (
                BinanceConfiguration.productionURL, "wss://fstream.binance.com/private",
                "wss://fstream.binance.com/market"
            ),
            (
                BinanceConfiguration.demoURL, "wss://demo-fstream.binance.com/private",
                "wss://demo-fstream.binance.com/market"
            ),
        ]
        for (url, user, market) in cases {
            let configuration = try BinanceConfiguration(url: url, credentials: credentials)
            #expect(configuration.privateStreamURL == user)
            #expect(configuration.marketStreamURL == market)
        }
    }

    @Test(
        "a URL that cannot work is refused by key",
        arguments: ["", "x", "ftp://h", "http://", "ws://h", "http://u:p@h"]
    )
    func refused(_ url: String) throws {
        let credentials = try BinanceCredentials(apiKey: "key", secret: "secret")
        let problem = #expect(throws: BinanceMisconfiguration.self) {
            try BinanceConfiguration(url: url, credentials: credentials)
        }
        #expect(problem?.key == "venue.url")
    }
}
