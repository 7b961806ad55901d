import ReckonModel
import Testing

@Suite("Order ids")
struct IdentifierTests {
    @Test("the venue's alphabet and length are kept, byte by byte")
    func alphabet() {
        let allowed = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.:/_-".utf8)
        for byte in UInt8(1)...127 {
            let text = String(decoding: [byte], as: UTF8.self)
            #expect(ClientOrderID(text).isAcceptable == allowed.contains(byte), "\(byte)")
        }
        #expect(!ClientOrderID("").isAcceptable && !ClientOrderID("é").isAcceptable)
        #expect(ClientOrderID(String(repeating: "a", count: 36)).isAcceptable)
        #expect(!ClientOrderID(String(repeating: "a", count: 37)).isAcceptable)
    }
}
