import StoaSettings
import Testing

@Suite struct ListenAddressTests {
    @Test("host and port are read, IPv6 in brackets")
    func parse() {
        #expect(ListenAddress("localhost:0")?.port == 0)
        #expect(ListenAddress("127.0.0.1:8471")?.description == "127.0.0.1:8471")
        #expect(ListenAddress("[::1]:8471")?.host == "::1")
        #expect(ListenAddress("[::1]:8471")?.description == "[::1]:8471")
        for text in ["", ":1", "host", "host:", "host:65536", "::1:80", "a b:1", "h:+1", "h:-1"] {
            #expect(ListenAddress(text) == nil, "\(text)")
        }
    }

    @Test("only addresses of this machine are loopback")
    func loopback() {
        for text in ["localhost:1", "127.0.0.1:1", "127.9.9.9:1", "[::1]:1"] {
            #expect(ListenAddress(text)?.isLoopback == true, "\(text)")
        }
        for text in ["0.0.0.0:1", "[::]:1", "10.0.0.1:1", "127.0.0.1.example.com:1", "127.1:1"] {
            #expect(ListenAddress(text)?.isLoopback == false, "\(text)")
        }
    }
}
