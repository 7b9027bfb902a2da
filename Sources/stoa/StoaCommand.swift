internal import ArgumentParser

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
}
