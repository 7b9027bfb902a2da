internal import ArgumentParser
internal import StoaBase

/// The root of the command line.
struct StoaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stoa",
        abstract: "Talk to a Stoa server: query, load files, look inside.",
        discussion: """
            The server's address comes from --url, else from the environment variable STOA_URL, \
            else it is stoa://127.0.0.1:8471.

            Data goes to standard output, everything else to standard error.

            EXIT CODES
              0    success
              1    wrong usage, or an error on this machine
              2    cannot connect
              3    a statement failed
              4    finished, with rejected rows
              5    the server stores no rows now (stoa ping)
              130  interrupted

            EXAMPLES
              stoa import people.csv --create
              stoa sql -q 'SELECT count(*) FROM people'
              stoa sql -f report.sql --format json > report.json
            """,
        version: "stoa 0.1.0",
        subcommands: [
            PingCommand.self, SQLCommand.self, ImportCommand.self, TablesCommand.self,
            InspectCommand.self, CheckCommand.self,
        ])

    /// Refuses a first word that is no command, with the nearest one that is.
    static func checkName(_ word: String?) throws {
        let names = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
        guard let word, !word.hasPrefix("-"), !names.contains(word) else { return }
        let near = Suggestion.nearest(to: word, among: names)
        throw Failure.local(
            "there is no command '\(word)'",
            hint: near.map { "did you mean 'stoa \($0)'?" }
                ?? "the commands are \(names.dropLast().joined(separator: ", ")); see stoa --help")
    }
}
