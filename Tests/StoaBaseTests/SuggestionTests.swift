import StoaBase
import Testing

@Suite struct SuggestionTests {
    @Test("a slip of one letter, a swap or a wrong case finds the word")
    func near() {
        let known = ["symbol", "price", "quantity"]
        for word in ["simbol", "smybol", "SYMBOL", "symbo", "symboll"] {
            #expect(Suggestion.nearest(to: word, among: known) == "symbol")
        }
    }

    @Test("a word far from all others gets no suggestion")
    func far() {
        #expect(Suggestion.nearest(to: "customer", among: ["price", "ts"]) == nil)
        #expect(Suggestion.nearest(to: "x", among: []) == nil)
    }
}
