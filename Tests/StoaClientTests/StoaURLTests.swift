import StoaClient
import Testing

@Suite struct StoaURLTests {
    @Test("scheme, port and brackets may be left out or be there")
    func parsing() throws {
        #expect(try StoaURL("stoa://db.example:9").description == "stoa://db.example:9")
        #expect(try StoaURL("localhost").description == "stoa://localhost:8471")
        #expect(try StoaURL("STOA://localhost/").port == 8_471)
        #expect(try StoaURL("[::1]:70").host == "::1")
        #expect(try StoaURL("stoa://[::1]").description == "stoa://[::1]:8471")
    }

    @Test("what is no address is refused with a reason")
    func refusals() {
        let wrong = [
            "", "stoa://", "http://localhost", "localhost:", "localhost:0", "localhost:65536",
            "localhost:x", "::1", "[::1", "[::1]x", "a b", "user@host", "host/path", "host:1:2",
        ]
        for text in wrong {
            #expect(throws: ClientError.self, "\(text) should be refused") { try StoaURL(text) }
        }
    }
}
